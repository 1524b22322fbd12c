from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.accounts.service import open_session
from app.classes.models import Class, ClassMember, MemberState
from app.classes.service import lessons_of
from app.core import db
from app.core.clock import now
from app.core.permissions import ClassRole
from app.courses.models import Course
from app.web.security.cookies import session_cookie_name
from tests.factories import make_user


@dataclass
class School:
    """A class with its lecturer, and a browser that anybody may sit at."""

    client: TestClient
    session: Session
    course: Course
    lecturer: User
    found: Class

    @property
    def here(self) -> str:
        return f"/classes/{self.found.id}"

    def person(self, name: str, role: Role = Role.STUDENT) -> User:
        user = make_user(self.session, name, role)
        self.session.commit()
        return user

    def member(self, name: str, role: str = ClassRole.STUDENT, state: str = MemberState.IN) -> User:
        user = self.person(name)
        self.session.add(ClassMember(class_id=self.found.id, user_id=user.id, role=role, state=state))
        self.session.commit()
        return user

    def sits(self, user: User) -> TestClient:
        token = open_session(self.session, user)
        self.session.commit()
        self.client.cookies.set(session_cookie_name(), token, domain="127.0.0.1", path="/")
        return self.client

    def send(self, user: User, address: str, **fields: Any) -> int:
        return self.sits(user).post(address, data=fields, follow_redirects=False).status_code

    def reads(self, user: User, address: str) -> tuple[int, str]:
        answer = self.sits(user).get(address, follow_redirects=False)
        return answer.status_code, answer.text

    def state_of(self, user: User) -> str | None:
        with db.session_scope(writes=False) as session:
            member = session.get(ClassMember, (self.found.id, user.id))
            return member.state if member else None

    def stored(self) -> Class:
        with db.session_scope(writes=False) as session:
            return session.get_one(Class, self.found.id)


@pytest.fixture
def open_class(session: Session, course: Course) -> Callable[[User], Class]:
    def make(lecturer: User) -> Class:
        day = now().date()
        found = Class(
            course_id=course.id,
            title="Monday",
            starts_on=day - timedelta(days=1),
            ends_on=day + timedelta(days=90),
        )
        session.add(found)
        session.flush()
        session.add(ClassMember(class_id=found.id, user_id=lecturer.id, role=ClassRole.LECTURER))
        session.commit()
        return found

    return make


@pytest.fixture
def school(
    client: TestClient,
    session: Session,
    course: Course,
    in_english: None,
    open_class: Callable[[User], Class],
) -> School:
    lecturer = make_user(session, "Lin the lecturer", Role.LECTURER)
    return School(client, session, course, lecturer, open_class(lecturer))


def lesson_ids(school: School) -> list[UUID]:
    with db.session_scope(writes=False) as session:
        return [entry.lesson.id for entry in lessons_of(session, session.get_one(Course, school.course.id))]
