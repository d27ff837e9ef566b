"""The forms in which an answer is pasted, one family a module: each a function from a paste to what it sees."""
