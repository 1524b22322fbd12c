"""Connections to Redis: one pool per process and kind."""

from functools import lru_cache

import redis
import redis.asyncio

from app.core.config import get_settings


@lru_cache
def get_redis() -> redis.Redis:
    """The synchronous client. Commands time out after two seconds: a page never waits long for Redis."""
    return redis.Redis.from_url(get_settings().redis_url, socket_timeout=2, socket_connect_timeout=2)


def new_async_redis() -> redis.asyncio.Redis:
    """A client for the running event loop; its caller closes it."""
    return redis.asyncio.Redis.from_url(get_settings().redis_url, socket_timeout=10, socket_connect_timeout=2)
