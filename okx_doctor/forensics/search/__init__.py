"""TODO-DOC search."""
