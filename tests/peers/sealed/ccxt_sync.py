"""ccxt, as most bots use it."""

import os

import ccxt

keys = {"secret": os.environ["OKX_SECRET_KEY"], "password": os.environ["OKX_PASSPHRASE"]}
ccxt.okx({"apiKey": os.environ["OKX_API_KEY"], **keys}).fetch_balance()
