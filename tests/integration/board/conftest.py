"""A discussion, and two people in it."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.board import places
from app.courses.models import Course, Lesson
from tests.factories import make_user
from tests.integration.board.talk import committed


@pytest.fixture
def place(session: Session, course: Course) -> places.ThreadHost:
    """Below the tiny course's first lesson."""
    lesson = session.scalar(select(Lesson).where(Lesson.slug == "00-start"))
    return places.find_place(session, None, f"lesson:{lesson.id}")


@pytest.fixture
def hao(session: Session) -> User:
    return committed(session, make_user(session, "小昊"))


@pytest.fixture
def lin(session: Session) -> User:
    return committed(session, make_user(session, "Lin", Role.LECTURER))
