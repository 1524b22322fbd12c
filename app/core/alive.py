"""Heartbeats of processes that serve no pages: short-lived keys in Redis, which a living process must renew.

`python -m app.core.alive NAME [ACT]` exits with 0 if NAME on this host has sent one recently (by doing ACT): a cheap health
check.
"""

import os
import socket
import sys

from redis import Redis
from redis.exceptions import RedisError

from app.core.config import get_settings

KEEP_SECONDS = 10


def node_name(name: str) -> str:
    """Celery's node name of the process `name` on this host."""
    return f"{name}@{socket.gethostname()}"


def give_sign(redis: Redis, node: str, keep_seconds: float = KEEP_SECONDS) -> None:
    """Stored twice: by process id, and by name alone. Raises redis.exceptions.RedisError."""
    with redis.pipeline(transaction=False) as pipeline:
        for key in (_key(node), _key(f"{node}:{os.getpid()}")):
            pipeline.set(key, 1, px=round(1000 * keep_seconds))
        pipeline.execute()


def has_given_sign(redis: Redis, node: str, pid: int | None = None) -> bool | None:
    """None if Redis is unreachable: then it is unknown."""
    try:
        return bool(redis.exists(_key(node if pid is None else f"{node}:{pid}")))
    except RedisError:
        return None


def ask_redis() -> Redis:
    """A client with short timeouts."""
    return Redis.from_url(get_settings().redis_url, socket_timeout=2, socket_connect_timeout=2)


def _key(node: str) -> str:
    return f"sophora:alive:{node}"


if __name__ == "__main__":
    name, *act = sys.argv[1:]
    sys.exit(0 if has_given_sign(ask_redis(), ":".join([node_name(name), *act])) else 1)
