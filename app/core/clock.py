"""The one place that asks for the time, so that all of Sophora speaks UTC."""

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)
