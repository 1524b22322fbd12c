"""A comment's text: how it is written, checked, mentioned in, laid out in a helper process, and cut short."""
