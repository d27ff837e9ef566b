"""Every cause that can be named, and its page. Data, without rules."""
