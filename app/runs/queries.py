from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Double, Uuid, exists, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session, contains_eager, defer

from app.accounts.models import User, is_open
from app.core.db import UtcDateTime
from app.courses.models import Lesson, LessonRevision
from app.jobs.models import Job, JobEpoch
from app.runs.pages import Cursor, RunFilter, Sort

_ORDER: dict[Sort, tuple[Any, bool]] = {
    Sort.NEWEST: (Job.created_at, True),
    Sort.OLDEST: (Job.created_at, False),
    Sort.BEST: (Job.test_accuracy, True),
}


def runs_of(
    session: Session,
    user_id: UUID,
    wanted: RunFilter,
    recipes: Sequence[str],
    after: Cursor | None,
    limit: int,
) -> Sequence[Job]:
    """Without their reports. `recipes` are those whose titles contain the text looked for."""
    column, descends = _ORDER[wanted.sort]
    statement = select(Job).where(Job.user_id == user_id, *_conditions(wanted, recipes))
    if wanted.sort == Sort.BEST:
        statement = statement.where(Job.test_accuracy.is_not(None))
    if after is not None:
        kind = UtcDateTime() if isinstance(after[0], datetime) else Double()
        place, before = tuple_(column, Job.id), tuple_(*after, types=[kind, Uuid()])
        statement = statement.where(place < before if descends else place > before)
    order = (column.desc(), Job.id.desc()) if descends else (column, Job.id)
    return session.scalars(statement.options(defer(Job.report)).order_by(*order).limit(limit)).all()


def _conditions(wanted: RunFilter, recipes: Sequence[str]) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        Job.archived_at.is_not(None) if wanted.archived else Job.archived_at.is_(None)
    ]
    if wanted.recipe:
        found.append(Job.recipe == wanted.recipe)
    if wanted.lesson:
        found.append(Job.lesson_id == wanted.lesson)
    if wanted.state:
        found.append(Job.state == wanted.state)
    if wanted.tag:
        found.append(Job.tags.contains(f",{wanted.tag},", autoescape=True))
    if wanted.text:
        titles = (Job.lab[("title", language)].as_string() for language in ("zh", "en"))
        texts = (Job.note, Job.tags, *titles)
        found.append(
            or_(Job.recipe.in_(recipes), *(text.icontains(wanted.text, autoescape=True) for text in texts))
        )
    return found


def shared_runs(session: Session, recipe: str, after: Cursor | None, limit: int) -> Sequence[Job]:
    """The latest shared first, with their owners, without their reports."""
    statement = select(Job).join(User, User.id == Job.user_id).where(Job.shared_at.is_not(None), is_open())
    if recipe:
        statement = statement.where(Job.recipe == recipe)
    if after is not None:
        before = tuple_(*after, types=[UtcDateTime(), Uuid()])
        statement = statement.where(tuple_(Job.shared_at, Job.id) < before)
    statement = statement.options(contains_eager(Job.user), defer(Job.report))
    return session.scalars(statement.order_by(Job.shared_at.desc(), Job.id.desc()).limit(limit)).all()


def losses(session: Session, job_ids: Sequence[UUID]) -> dict[UUID, list[float | None]]:
    """The validation loss of each finished epoch, or the training's where there is none."""
    loss = func.coalesce(JobEpoch.metrics["val_loss"].as_float(), JobEpoch.metrics["loss"].as_float())
    statement = select(JobEpoch.job_id, loss).where(JobEpoch.job_id.in_(job_ids))
    found: dict[UUID, list[float | None]] = {}
    for job_id, value in session.execute(statement.order_by(JobEpoch.job_id, JobEpoch.epoch)):
        found.setdefault(job_id, []).append(value)
    return found


def lessons_trained_in(session: Session, user_id: UUID) -> list[tuple[UUID, dict[str, str]]]:
    """(id, title) of the lessons in whose labs the user has trained."""
    is_trained = exists(select(literal(1)).where(Job.user_id == user_id, Job.lesson_id == Lesson.id))
    statement = (
        select(Lesson.id, LessonRevision.title)
        .join(LessonRevision, LessonRevision.id == Lesson.published_revision_id)
        .where(is_trained)
        .order_by(Lesson.slug, Lesson.id)
    )
    return [(lesson_id, title) for lesson_id, title in session.execute(statement)]
