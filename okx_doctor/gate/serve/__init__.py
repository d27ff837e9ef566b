"""TODO-DOC serve."""
