"""Whose finished trainings count in the curves of their labs: of those who agreed, and only while they do; and of members of a class, for
their classmates alone. Nothing here commits.
"""

import math
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.classes.queries import lets_count
from app.core.clock import now
from app.core.db import insert
from app.jobs.models import Job, JobState
from app.labs.curves import curve_axes
from app.recipes.recipe import all_recipes
from app.runs.models import CurvePoint

# Of the trainings of before, the latest ones count too.
COUNTED_BEFORE = 300


def let_count(session: Session, user: User, *, on: bool) -> None:
    """For everybody; idempotent."""
    session.execute(
        update(User)
        .where(User.id == user.id)
        .values(shares_results=on)
        .execution_options(synchronize_session=False)
    )
    keep_points(session, user.id, on=on or lets_count(session, user.id))


def count_in_classes(session: Session, user_id: UUID) -> None:
    """Somebody has joined or left a class, or chosen whether their trainings count there."""
    agrees = session.scalar(
        select(User.shares_results).where(User.id == user_id).with_for_update(key_share=True)
    )
    keep_points(session, user_id, on=bool(agrees) or lets_count(session, user_id))


def keep_points(session: Session, user_id: UUID, *, on: bool) -> None:
    """Idempotent. Of whom nothing counts anywhere, no point stays."""
    if not on:
        session.execute(
            delete(CurvePoint)
            .where(CurvePoint.user_id == user_id)
            .execution_options(synchronize_session=False)
        )
        return
    metrics = Job.report["metrics"].label("metrics")
    of_labs = (Job.user_id == user_id, Job.state == JobState.SUCCEEDED, Job.lesson_id.is_not(None))
    statement = select(
        Job.id, Job.user_id, Job.recipe, Job.lesson_id, Job.lab, Job.hyperparameters, Job.finished_at, metrics
    )
    for row in session.execute(
        statement.where(*of_labs).order_by(Job.created_at.desc()).limit(COUNTED_BEFORE)
    ).all():
        _add(session, row, row.metrics)


def count_run(session: Session, job: Job) -> None:
    """A training has succeeded. The owner's row is locked: a withdrawal at the same moment comes before, or takes the point away."""
    agrees = select(User.shares_results).where(User.id == job.user_id).with_for_update(read=True)
    if not job.user_id or not job.lesson_id or job.state != JobState.SUCCEEDED:
        return
    if session.scalar(agrees) or lets_count(session, job.user_id):
        _add(session, job, (job.report or {}).get("metrics", {}))


def _add(session: Session, job: Any, metrics: Mapping[str, Any] | None) -> None:
    recipe = all_recipes().get(job.recipe)
    axes = curve_axes(job.lab, recipe) if job.lab and recipe else None
    result = (metrics or {}).get(axes.metric) if axes else None
    if axes is None or isinstance(result, str | None) or not math.isfinite(result):
        return
    value = job.hyperparameters.get(axes.setting)
    if value is None:
        return
    point = {
        "job_id": job.id,
        "user_id": job.user_id,
        "lesson_id": job.lesson_id,
        "lab_key": job.lab["key"],
        "setting": axes.setting,
        "metric": axes.metric,
        "value": str(value)[:80],
        "result": float(result),
        "finished_at": job.finished_at or now(),
    }
    session.execute(
        insert(session, CurvePoint).values(point).on_conflict_do_nothing(index_elements=[CurvePoint.job_id])
    )
