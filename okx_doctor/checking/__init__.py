"""TODO-DOC checking."""
