"""A mail server, for mail to the owner of an account."""

from tests.integration.notifications.conftest import postbox  # noqa: F401
