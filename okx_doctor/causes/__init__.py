"""Judging: a catalogue of named causes, rules over evidence, and the pages that explain them. No I/O."""
