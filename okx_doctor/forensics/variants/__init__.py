"""How each part of a signature can be built wrongly: pure functions from a subject to variants of one part."""
