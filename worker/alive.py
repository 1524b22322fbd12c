"""Heartbeats of Celery's processes; see app.core.alive.

A timer only requests one: it is sent by the loop that takes tickets, so a hanging loop sends none.
"""

from typing import Any

from celery import Celery, bootsteps, current_task
from redis.exceptions import RedisError
from structlog import get_logger

from app.core.alive import ask_redis, give_sign
from app.core.config import get_settings
from app.jobs.queue.reports import give_report, take_report_back
from app.jobs.queue.tickets import QUEUES
from worker import report

EVERY_SECONDS = 2.0
_redis = ask_redis()
log = get_logger()


class SignOfLife(bootsteps.StartStopStep):
    requires = {"celery.worker.consumer.tasks:Tasks"}

    def __init__(self, _consumer: Any, **_: Any) -> None:
        self.timer: Any = None

    def start(self, consumer: Any) -> None:
        self.timer = consumer.timer.call_repeatedly(
            EVERY_SECONDS, consumer.call_soon, (_give_with_report, consumer)
        )

    def stop(self, _consumer: Any) -> None:
        if self.timer:
            self.timer.cancel()


def install(app: Celery) -> None:
    app.steps["consumer"].add(SignOfLife)


def has_swept() -> None:
    """Called by the sweep: beat, broker and a thread have done their part. Must remain valid until a few sweeps later."""
    if not current_task:  # called by hand
        return
    _give(f"{current_task.request.hostname}:sweep", max(10.0, 3 * get_settings().job_sweep_seconds))


def has_ended(node: str) -> None:
    """A process that ends as it should is not missed."""
    try:
        take_report_back(_redis, node)
    except RedisError as error:
        log.debug("report not taken back", error=str(error))


def _give_with_report(consumer: Any) -> None:
    _give(consumer.hostname)
    queues = tuple(name for name in (*QUEUES, "maintenance") if name in consumer.app.amqp.queues.consume_from)
    try:
        give_report(_redis, consumer.hostname, report.content(queues))
    except (RedisError, OSError) as error:
        log.debug("no report given", error=str(error))


def _give(node: str, *keep_seconds: float) -> None:
    try:
        give_sign(_redis, node, *keep_seconds)
    except RedisError as error:
        log.debug("no sign of life given", error=str(error))
