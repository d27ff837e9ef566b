"""Orders that are remembered: placed, filled against the made-up market, cancelled; balances and positions follow."""
