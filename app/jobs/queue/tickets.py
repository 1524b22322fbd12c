"""Tickets: Celery messages that say "there is work". The database decides which job is next."""

from functools import lru_cache

from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError
from structlog import get_logger

from app.core.config import get_settings
from app.core.redis import get_redis

RUN_NEXT_JOB = "sophora.run_next_job"
QUEUES = ("cpu", "gpu")

log = get_logger()


@lru_cache
def _sender() -> Celery:
    """A Celery application that only sends: the web server has no tasks of its own."""
    sender = Celery("sophora", broker=get_settings().celery_broker_url, set_as_current=False)
    sender.conf.update(
        task_ignore_result=True,
        broker_connection_retry=False,
        broker_transport_options={"socket_connect_timeout": 2, "socket_timeout": 2, "max_retries": 1},
    )
    return sender


def send_ticket(queue: str, to: str | None = None) -> bool:
    """Wake a worker that has a free slot, or the one whose own queue is `to`.

    False if the broker is unreachable: workers poll too, and the sweep sends it again later.
    """
    try:
        _sender().send_task(RUN_NEXT_JOB, kwargs={"queue": queue}, queue=to or queue, retry=False)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("ticket not sent", queue=queue, error=str(error))
        return False
    return True


def waiting_tickets(queue: str) -> int:
    """Number of tickets that the broker holds for a queue."""
    return int(get_redis().llen(queue))
