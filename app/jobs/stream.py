"""The live stream of a job: a Redis stream that the worker writes and pages follow.

Entries are {"type": phase|points|epoch|rewind|state, "data": JSON}. The stream is short-lived; everything lasting is in
the database.
"""

from typing import Any

from redis import Redis

from app.core.live import sending

MAXIMUM_ENTRIES = 4000


def stream_key(job_id: object) -> str:
    return f"sophora:job:{job_id}"


def add_event(redis: Redis, job_id: object, kind: str, data: dict[str, Any]) -> str:
    """Append an event and return its id. Raises redis.exceptions.RedisError."""
    return sending.add_event(redis, stream_key(job_id), kind, data, maximum_entries=MAXIMUM_ENTRIES)


def last_event_id(redis: Redis, job_id: object) -> str:
    """The id of the newest entry, "0-0" for none."""
    return sending.last_event_id(redis, stream_key(job_id))
