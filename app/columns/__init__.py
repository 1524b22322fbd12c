"""Importing columns from another site, with their comments."""
