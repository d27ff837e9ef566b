"""TODO-DOC peeling."""
