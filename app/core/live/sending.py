"""Publishing live events: they are appended to Redis streams, which `app.core.live.hub` reads."""

import json
from contextlib import suppress
from functools import partial
from typing import Any, cast

from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError
from sqlalchemy.orm import Session

from app.core.db import after_commit
from app.core.live.entries import RawEntry
from app.core.redis import get_redis

KEEP_SECONDS = 24 * 3600
TOPIC_ENTRIES = 200


def topic_key(topic: str) -> str:
    return f"sophora:topic:{topic}"


def publish(session: Session, topic: str, kind: str, data: dict[str, Any]) -> None:
    """Notify everyone who watches `topic`, once the session's work is stored. A missed event shows at the next page load."""
    events = session.info.setdefault("events", [])
    if not events:
        after_commit(session, partial(_send, session))
    events.append((topic_key(topic), kind, data))


def _send(session: Session) -> None:
    """All that the session published, in one round trip."""
    with suppress(RedisError), get_redis().pipeline(transaction=False) as pipeline:
        keys = set()
        for key, kind, data in session.info.pop("events"):
            _append(pipeline, key, kind, data, TOPIC_ENTRIES)
            keys.add(key)
        for key in keys:
            pipeline.expire(key, KEEP_SECONDS)
        pipeline.execute()


def add_event(redis: Redis, key: str, kind: str, data: dict[str, Any], *, maximum_entries: int) -> str:
    """Append an event to the stream `key` and return its id. Raises redis.exceptions.RedisError."""
    with redis.pipeline(transaction=False) as pipeline:
        _append(pipeline, key, kind, data, maximum_entries)
        pipeline.expire(key, KEEP_SECONDS)
        return pipeline.execute()[0].decode()


def _append(pipeline: Pipeline, key: str, kind: str, data: dict[str, Any], maximum_entries: int) -> None:
    fields: dict[Any, Any] = {"type": kind, "data": json.dumps(data, separators=(",", ":"))}
    pipeline.xadd(key, fields, maxlen=maximum_entries, approximate=True)
    pipeline.publish(key, "")


def last_event_id(redis: Redis, key: str) -> str:
    """The id of the newest entry of the stream `key`, "0-0" for none. Raises redis.exceptions.RedisError."""
    newest: list[RawEntry] = cast("Any", redis.xrevrange(key, count=1))
    return newest[0][0].decode() if newest else "0-0"
