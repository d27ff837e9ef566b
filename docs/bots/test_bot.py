"""The bot's authentication, tested without credentials and without a network."""

import pytest
from bot import Bot


@pytest.fixture
def bot(okx_exchange):
    account = okx_exchange.accounts[0]
    return Bot(okx_exchange.url, account.api_key, account.secret_key, account.passphrase)


def test_okx_would_accept_whatever_the_bot_sends(bot, okx_exchange):
    try:
        bot.holdings("BTC", "ETH")
        bot.buy("BTC-USDT", "0.001", "60000")
    finally:
        okx_exchange.assert_all_valid()


def test_the_bot_reads_its_holdings(bot):
    assert bot.holdings("BTC", "ETH") == {"BTC": "0.01", "ETH": "0.2"}


def test_the_bot_says_what_okx_answers_when_it_is_too_fast(bot, okx_exchange):
    with okx_exchange.stage("rate-limited"), pytest.raises(RuntimeError, match="OKX answers 50011"):
        bot.holdings("BTC")
