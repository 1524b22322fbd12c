"""The live stream of a job: a Redis stream that the worker writes and pages follow.

Entries are {"type": phase|points|epoch|rewind|state, "data": JSON}. The stream is short-lived; the database has all
that is kept.
"""

import json
from typing import Any

from redis import Redis

MAXIMUM_ENTRIES = 4000
KEEP_SECONDS = 24 * 3600


def stream_key(job_id: object) -> str:
    return f"sophora:job:{job_id}"


def add_event(redis: Redis, job_id: object, kind: str, data: dict[str, Any]) -> str:
    """Append an event and return its id. Raises redis.exceptions.RedisError."""
    key = stream_key(job_id)
    with redis.pipeline(transaction=False) as pipeline:
        pipeline.xadd(
            key,
            {"type": kind, "data": json.dumps(data, separators=(",", ":"))},
            maxlen=MAXIMUM_ENTRIES,
            approximate=True,
        )
        pipeline.expire(key, KEEP_SECONDS)
        return pipeline.execute()[0].decode()


def last_event_id(redis: Redis, job_id: object) -> str:
    """The id of the newest entry, "0-0" for none."""
    newest = redis.xrevrange(stream_key(job_id), count=1)
    return newest[0][0].decode() if newest else "0-0"
