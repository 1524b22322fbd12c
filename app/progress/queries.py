"""When a reader got what done."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.courses.queries import readings
from app.jobs.models import Job
from app.quizzes.queries import first_passes


def lessons_read(session: Session, user_id: UUID) -> list[datetime]:
    return list(readings(session, user_id).values())


def questions_passed(session: Session, user_id: UUID) -> list[datetime]:
    """For each question, when it was first answered right."""
    return [moment for _, _, moment in first_passes(session, user_id)]


def goals_reached(session: Session, user_id: UUID) -> list[datetime]:
    """For each lab of a lesson, when its goal was first reached."""
    statement = (
        select(func.min(Job.goal_reached_at))
        .where(Job.user_id == user_id, Job.lesson_id.is_not(None), Job.goal_reached_at.is_not(None))
        .group_by(Job.lesson_id, Job.lab_key)
    )
    return list(session.scalars(statement))
