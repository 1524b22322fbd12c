"""Notifications: on the page, and by mail on request."""
