"""A bank of right and wrong answers to the TODOs, as source text, to test the checks with."""
