"""Whether anybody is there to train: workers sign a roll in Redis, which holds for some seconds by Redis's clock."""

from redis import Redis
from redis.exceptions import RedisError

from app.core.redis import get_redis


def roll_key(queue: str) -> str:
    return f"sophora:roll:{queue}"


def redis_now(redis: Redis) -> float:
    seconds, microseconds = redis.time()
    return seconds + microseconds / 1e6


def count_slots(redis: Redis, queue: str) -> int:
    """How many trainings the workers that are alive can run at once. Raises redis.exceptions.RedisError."""
    return int(redis.zcount(roll_key(queue), redis_now(redis), "+inf"))


def has_worker(queue: str) -> bool | None:
    """None where Redis is away: then nobody can know."""
    try:
        return count_slots(get_redis(), queue) > 0
    except RedisError:
        return None
