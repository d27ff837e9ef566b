"""Secrets as a type that cannot be printed, the redactor, and masks for what others wrote."""
