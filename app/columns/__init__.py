"""Columns brought in from another site, with their comments."""
