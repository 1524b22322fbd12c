"""Whether any worker is online: workers register in Redis for some seconds, by Redis's clock."""

from typing import Any, cast

from redis import Redis
from redis.exceptions import RedisError

from app.core.redis import get_redis

# Digests of recipes that live workers can train.
RECIPES = "sophora:roll:recipes"


def roll_key(queue: str) -> str:
    return f"sophora:roll:{queue}"


def redis_now(redis: Redis) -> float:
    seconds, microseconds = redis.time()
    return seconds + microseconds / 1e6


def count_slots(redis: Redis, queue: str) -> int:
    """Number of trainings that live workers can run at once. Raises redis.exceptions.RedisError."""
    return int(redis.zcount(roll_key(queue), redis_now(redis), "+inf"))


def known_digests(redis: Redis) -> set[str]:
    digests: list[bytes] = cast("Any", redis.zrangebyscore(RECIPES, redis_now(redis), "+inf"))
    return {digest.decode() for digest in digests}


def has_worker(queue: str) -> bool | None:
    """None if Redis is unreachable: then it is unknown."""
    try:
        return count_slots(get_redis(), queue) > 0
    except RedisError:
        return None
