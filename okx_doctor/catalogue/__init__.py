"""TODO-DOC catalogue."""
