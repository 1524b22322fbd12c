"""Queries for the import pages."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.courses.models import Course


def courses(session: Session) -> Sequence[Course]:
    return session.scalars(select(Course).order_by(Course.position, Course.slug)).all()
