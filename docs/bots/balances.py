"""A bot built on OKX's own python-okx: what an account holds, one currency and then two.

OKX_API_BASE_URL=http://127.0.0.1:8401 python3 docs/bots/balances.py docs/captures/example.env
"""

import os
import sys

from dotenv import load_dotenv
from okx.Account import AccountAPI

load_dotenv(sys.argv[1])
account = AccountAPI(
    os.environ["OKX_API_KEY"],
    os.environ["OKX_SECRET_KEY"],
    os.environ["OKX_PASSPHRASE"],
    flag="0",
    domain=os.environ["OKX_API_BASE_URL"],
)
sys.stdout.write(account.get_account_balance(ccy="BTC")["code"] + "\n")
sys.stdout.write(account.get_account_balance(ccy="BTC, ETH")["code"] + "\n")
