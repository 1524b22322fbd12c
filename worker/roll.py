"""Which workers are there, and which recipes they have: kept in Redis for a few seconds, by Redis's clock."""

from collections.abc import Iterable
from typing import Any, cast

from redis import Redis

HOLDS_SECONDS = 10
RECIPES = "sophora:roll:recipes"


def sign(redis: Redis, worker: str, slots: int, queues: Iterable[str], digests: Iterable[str]) -> None:
    """This worker is alive and can train what has these digests. Raises redis.exceptions.RedisError."""
    expires = _now(redis) + HOLDS_SECONDS
    with redis.pipeline(transaction=False) as pipe:
        for queue in queues:
            pipe.zadd(_key(queue), {f"{worker}/{slot}": expires for slot in range(slots)})
            pipe.zremrangebyscore(_key(queue), "-inf", expires - HOLDS_SECONDS)
        if known := dict.fromkeys(digests, expires):
            pipe.zadd(RECIPES, known)
        pipe.zremrangebyscore(RECIPES, "-inf", expires - HOLDS_SECONDS)
        pipe.execute()


def sign_off(redis: Redis, worker: str, slots: int, queues: Iterable[str]) -> None:
    for queue in queues:
        redis.zrem(_key(queue), *(f"{worker}/{slot}" for slot in range(slots)))


def count_slots(redis: Redis, queue: str) -> int:
    """How many trainings the workers that are alive can run at once."""
    return int(redis.zcount(_key(queue), _now(redis), "+inf"))


def known_digests(redis: Redis) -> set[str]:
    digests: list[bytes] = cast("Any", redis.zrangebyscore(RECIPES, _now(redis), "+inf"))
    return {digest.decode() for digest in digests}


def _key(queue: str) -> str:
    return f"sophora:roll:{queue}"


def _now(redis: Redis) -> float:
    seconds, microseconds = redis.time()
    return seconds + microseconds / 1e6
