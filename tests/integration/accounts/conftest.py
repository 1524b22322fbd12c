"""A mail server, for what goes to an account's owner."""

from tests.integration.notifications.conftest import postbox  # noqa: F401
