"""The only place that reads the clock, so that all of Sophora uses UTC."""

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)
