"""A lecturer in the editor of the tiny course's first lesson."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.courses.models import Course, Lesson
from tests.factories import make_user
from tests.integration.authoring.texts import one
from tests.integration.conftest import enter


@pytest.fixture
def lecturer(client: TestClient, session: Session, course: Course) -> User:
    user = make_user(session, "Lin Hua", Role.LECTURER)
    enter(client, session, user)
    return user


@pytest.fixture
def lesson(course: Course) -> Lesson:
    return one(select(Lesson).where(Lesson.slug == "00-start"))


@pytest.fixture
def editor(lecturer: User, lesson: Lesson) -> str:
    """The address of the editor of lesson 00, which `client` may use."""
    return f"/authoring/lessons/{lesson.id}"
