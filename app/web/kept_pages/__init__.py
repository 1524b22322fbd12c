"""Finished pages that are sent again: to visitors, and to readers as long as nothing in them has changed."""
