"""Beat runs in every maintenance process, but only one at a time sends: a lock in Redis decides."""

from typing import Any
from uuid import uuid4

from celery import Celery
from celery.beat import EmbeddedService, ScheduleEntry, Scheduler
from redis.exceptions import RedisError

from app.core.redis import get_redis
from app.jobs.queue.tickets import waiting_tickets

LOCK = "sophora:beat"
HOLDS_SECONDS = 10
# Messages do not expire, as that would compare two hosts' clocks; so none is added to a backlog nobody takes.
MOST_WAITING = 10


class SharedScheduler(Scheduler):
    """Sends while this process holds the lock. A successor finds everything due, and sends it once more."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._me = uuid4().hex
        super().__init__(*args, **options)

    def tick(self, *args: Any, **options: Any) -> float:
        return super().tick(*args, **options) if self._is_ours() else 1.0

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        queue = entry.options.get("queue", "")
        try:
            if waiting_tickets(queue) < MOST_WAITING:
                super().apply_entry(entry, producer)
        except RedisError:
            return

    def close(self) -> None:
        try:
            if get_redis().get(LOCK) == self._me.encode():
                get_redis().delete(LOCK)
        except RedisError:
            pass
        super().close()

    def _is_ours(self) -> bool:
        try:
            redis = get_redis()
            if redis.set(LOCK, self._me, nx=True, ex=HOLDS_SECONDS):
                return True
            return redis.get(LOCK) == self._me.encode() and bool(redis.expire(LOCK, HOLDS_SECONDS))
        except RedisError:
            return False


_running: list[Any] = []


def begin(app: Celery) -> None:
    """In a thread: a process of its own would double the memory."""
    if not _running:
        _running.append(EmbeddedService(app, thread=True, scheduler_cls=SharedScheduler))
        _running[0].start()


def end() -> None:
    """Release the lock at once, for another process."""
    for service in _running:
        service.service.stop()
        service.service.scheduler.close()
