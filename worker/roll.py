"""The registry of live workers and their recipes: kept in Redis for a few seconds, by Redis's clock."""

from collections.abc import Iterable

from redis import Redis

from app.jobs.queue.workers import RECIPES, redis_now, roll_key

HOLDS_SECONDS = 10


def sign(redis: Redis, worker: str, slots: int, queues: Iterable[str], digests: Iterable[str]) -> None:
    """Register this worker as live and able to train recipes with these digests. Raises redis.exceptions.RedisError."""
    expires = redis_now(redis) + HOLDS_SECONDS
    with redis.pipeline(transaction=False) as pipe:
        for queue in queues:
            pipe.zadd(roll_key(queue), {f"{worker}/{slot}": expires for slot in range(slots)})
            pipe.zremrangebyscore(roll_key(queue), "-inf", expires - HOLDS_SECONDS)
        if known := dict.fromkeys(digests, expires):
            pipe.zadd(RECIPES, known)
        pipe.zremrangebyscore(RECIPES, "-inf", expires - HOLDS_SECONDS)
        pipe.execute()


def sign_off(redis: Redis, worker: str, slots: int, queues: Iterable[str]) -> None:
    for queue in queues:
        redis.zrem(roll_key(queue), *(f"{worker}/{slot}" for slot in range(slots)))
