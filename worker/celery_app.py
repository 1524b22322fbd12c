"""The Celery application: broker, queues, beat. The database is the queue of record; messages are tickets.

Not `acks_late`: with Redis, its visibility timeout would run a long job again and again. Not `revoke(terminate=True)`
either: it may kill the next task. Older Celery and Kombu than 5.7 freeze after a Redis reset.
"""

from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_init, worker_shutting_down

from app.board.editing import TIDY_BOARD
from app.config import get_settings
from app.jobs.leftovers import TIDY_JOBS
from app.jobs.tickets import SWEEP
from app.logging import configure_logging
from app.notifications.delivery import DELIVER_MAIL
from app.notifications.upkeep import TIDY_NOTIFICATIONS
from worker import alive

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
    # Two threads more than trainings, so that sweeps are never kept waiting, not even by a slow mail server.
    worker_concurrency=settings.job_slots + 2,
    task_default_queue=MAINTENANCE,
    beat_schedule={
        "deliver-mail": {
            "task": DELIVER_MAIL,
            "schedule": 60,
            "options": {"queue": MAINTENANCE, "expires": 60},
        },
        "tidy-notifications": {
            "task": TIDY_NOTIFICATIONS,
            "schedule": 900,
            "options": {"queue": MAINTENANCE, "expires": 900},
        },
        "tidy-jobs": {
            "task": TIDY_JOBS,
            "schedule": 1800,
            "options": {"queue": MAINTENANCE, "expires": 1800},
        },
        "sweep": {
            "task": SWEEP,
            "schedule": settings.job_sweep_seconds,
            "options": {"queue": MAINTENANCE, "expires": settings.job_sweep_seconds},
        },
        "tidy-board": {
            "task": TIDY_BOARD,
            "schedule": 3600,
            "options": {"queue": MAINTENANCE, "expires": 3600},
        },
    },
    beat_schedule_filename=str(settings.data_dir / "celerybeat-schedule"),
)

alive.install(app)


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
