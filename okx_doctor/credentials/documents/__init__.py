"""Where credentials live besides variables and env files: one module per form, text in, found values out."""
