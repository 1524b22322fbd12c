"""Queues and workers that begin no training until they are resumed. Trainings that run go on."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.db import adds_row, changed_rows, insert
from app.jobs.models import QueuePause


def queue_target(queue: str) -> str:
    return f"queue:{queue}"


def not_paused(queue: str, worker: str = "") -> ColumnElement[bool]:
    """For queries of workers: neither the queue nor this worker is paused."""
    targets = [queue_target(queue), *([f"worker:{worker}"] if worker else [])]
    return ~select(QueuePause.target).where(QueuePause.target.in_(targets)).exists()


def paused(session: Session) -> Mapping[str, datetime]:
    """target -> since when."""
    return dict(session.execute(select(QueuePause.target, QueuePause.since)).all())


def pause(session: Session, target: str) -> bool:
    """False if it was paused already."""
    values = {"target": target, "since": now()}
    return adds_row(session, insert(session, QueuePause).values(**values).on_conflict_do_nothing())


def resume(session: Session, target: str) -> bool:
    """False if it was not paused."""
    return changed_rows(session, delete(QueuePause).where(QueuePause.target == target)) == 1
