"""Being OKX for a running bot: the exchange on a port, and what its requests come to, one after the other."""
