"""A book in which everybody may write a line: the example of CONTRIBUTING.md, which a test puts in place."""
