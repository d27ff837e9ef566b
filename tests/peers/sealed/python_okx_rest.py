"""python-okx, REST, at its own default address."""

import os

from okx.Account import AccountAPI

keys = (os.environ["OKX_API_KEY"], os.environ["OKX_SECRET_KEY"], os.environ["OKX_PASSPHRASE"])
AccountAPI(*keys, False, "0").get_account_balance(ccy="BTC")
