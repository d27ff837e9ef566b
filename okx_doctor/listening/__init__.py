"""Being OKX for a running bot: the exchange on a port, and a verdict on each of the bot's requests in turn."""
