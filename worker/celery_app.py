"""The Celery application: broker, queues, beat. The database is the queue of record; messages are tickets.

A process either trains (`-Q cpu`, `-Q gpu`) or does maintenance (`-Q maintenance`), which needs no TensorFlow.
Not `acks_late`: with Redis, its visibility timeout would run a long job again and again. Not `revoke(terminate=True)`
either: it may kill the next task. Celery and Kombu before 5.7 hang after a Redis connection reset.
"""

import importlib
import sys
from typing import Any

from celery import Celery
from celery.signals import (
    celeryd_init,
    setup_logging,
    worker_ready,
    worker_shutdown,
    worker_shutting_down,
)

from app.core.config import get_settings
from app.core.logging import configure_logging
from app.jobs.queue.tickets import QUEUES
from worker import alive

MAINTENANCE = "maintenance"

settings = get_settings()

app = Celery("sophora", broker=settings.celery_broker_url)
app.conf.update(
    task_acks_late=False,
    worker_disable_prefetch=True,
    task_ignore_result=True,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={"socket_connect_timeout": 5, "socket_keepalive": True},
    worker_hijack_root_logger=False,
    worker_pool="threads",
    beat_scheduler="worker.beat:SharedScheduler",
    task_default_queue=MAINTENANCE,
    # worker.duties fills it, in the process with beat.
    beat_schedule={},
)

alive.install(app)


@setup_logging.connect
def _configure_logging(**_: Any) -> None:
    configure_logging(settings)


@celeryd_init.connect
def _take_a_role(conf: Any, options: dict[str, Any], **_: Any) -> None:
    """A worker gets as many threads as training slots, so that it takes no ticket that it cannot use; and prepares a child."""
    queues = _named(options.get("queues"))
    if MAINTENANCE in queues and len(queues) > 1:
        raise SystemExit("A process trains (-Q cpu, -Q gpu) or does maintenance (-Q maintenance), not both.")
    if MAINTENANCE in queues:
        # Two, so that a slow mail server never delays sweeps.
        conf.worker_concurrency = 2
        importlib.import_module("worker.duties")
    else:
        conf.worker_concurrency = settings.job_slots
        importlib.import_module("worker.tasks")
        importlib.import_module("worker.supervisor").prepare_child()


@worker_ready.connect
def _begin(sender: Any, **_: Any) -> None:
    """`sender` is the consumer, which restarts after each loss of the broker."""
    queues = [name for name in QUEUES if name in sender.app.amqp.queues.consume_from]
    if queues:
        importlib.import_module("worker.lookout").begin(sender, queues)
    else:
        importlib.import_module("worker.beat").begin(sender.app)


@worker_shutting_down.connect
def _let_go(**_: Any) -> None:
    """Children stop after their last checkpoint and their jobs go back to the queue."""
    if "worker.tasks" in sys.modules:
        sys.modules["worker.tasks"].shutdown.set()
    if "worker.beat" in sys.modules:
        sys.modules["worker.beat"].end()


@worker_shutdown.connect
def _say_goodbye(sender: Any, **_: Any) -> None:
    alive.has_ended(sender.hostname)


def _named(queues: str | list[str] | None) -> list[str]:
    if isinstance(queues, str):
        queues = [name for name in queues.split(",") if name]
    return queues or [MAINTENANCE]
