"""How the conversation with OKX goes on after a refusal: what to correct, with which values, at what cost. Pure."""
