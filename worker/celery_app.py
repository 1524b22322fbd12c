"""The Celery application: broker, queues, beat. The database is the queue of record; messages are tickets.

Not `acks_late`: with Redis, its visibility timeout would run a long job again and again. Not `revoke(terminate=True)`
either: it may kill the next task. Older Celery and Kombu than 5.7 freeze after a Redis reset.
"""

from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_init, worker_shutting_down

from app.config import get_settings
from app.jobs.tickets import SWEEP
from app.logging import configure_logging

MAINTENANCE = "maintenance"

settings = get_settings()

app = Celery("sophora", broker=settings.celery_broker_url, include=["worker.tasks"])
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
    # One thread more than trainings, so that sweeps are never kept waiting.
    worker_concurrency=settings.job_slots + 1,
    task_default_queue=MAINTENANCE,
    beat_schedule={
        "sweep": {
            "task": SWEEP,
            "schedule": settings.job_sweep_seconds,
            "options": {"queue": MAINTENANCE, "expires": settings.job_sweep_seconds},
        }
    },
    beat_schedule_filename=str(settings.data_dir / "celerybeat-schedule"),
)


@setup_logging.connect
def _configure_logging(**_: Any) -> None:
    configure_logging(settings)


@worker_init.connect
def _prepare(**_: Any) -> None:
    """Have TensorFlow imported, and a child ready, before the first ticket comes."""
    from worker.supervisor import prepare_child

    prepare_child()


@worker_shutting_down.connect
def _let_go(**_: Any) -> None:
    """Children are stopped after their last checkpoint and their jobs go back to the queue."""
    from worker.tasks import shutdown

    shutdown.set()
