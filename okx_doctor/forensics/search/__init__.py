"""The search for the mistake that reproduces a signature: hypotheses, their texts, their digests."""
