"""TODO-DOC api."""
