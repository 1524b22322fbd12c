"""Cached pages: for visitors, and for readers as long as nothing in them has changed."""
