"""Members of a class who talk: for tests of notifications."""

from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from app import features  # noqa: F401 - connects who listens
from app.accounts.models import Role, User
from app.board import service
from app.board.models import Comment
from app.board.places import CLASS, ThreadHost
from app.core import db
from app.moderation import service as moderation
from app.moderation.service import Decision, Verdict
from app.notifications.models import Kind, Notification, NotificationChoice, Way
from tests.factories import make_user

_numbers = count(1)


def person(name: str, role: Role = Role.STUDENT) -> User:
    with db.session_scope() as session:
        return make_user(session, name, role)


def somebody(name: str, role: Role = Role.STUDENT) -> Any:
    """A fixture: `hao = somebody("小昊")`."""

    @pytest.fixture
    def made(database: str) -> User:
        return person(name, role)

    return made


def say(author: User, body: str = "", to: Comment | None = None, place: ThreadHost = CLASS) -> Comment:
    """Post a comment, or a reply to one."""
    body = body or f"a comment of some length, {next(_numbers)}"
    with db.session_scope() as session:
        own = session.get_one(User, author.id)
        return service.post(session, own, place, body, uuid4().hex, 60, reply_to_id=to.id if to else None)


def like(user: User, comment: Comment) -> None:
    with db.session_scope() as session:
        service.like(session, session.get_one(User, user.id), comment.id)


def decide(staff: User, comment: Comment, decision: Decision, reason: str = "off the subject") -> None:
    with db.session_scope() as session:
        seen = moderation.as_seen(session.get_one(Comment, comment.id))
        verdict = Verdict(decision, reason, seen)
        moderation.decide(session, session.get_one(User, staff.id), comment.id, verdict)


def told(user: User) -> list[Notification]:
    """A user's notifications, newest first."""
    with db.session_scope(writes=False) as session:
        statement = select(Notification).where(Notification.user_id == user.id)
        return list(session.scalars(statement.order_by(Notification.created_at.desc(), Notification.id)))


def kinds(user: User) -> list[str]:
    return [notification.kind for notification in told(user)]


def unread(user: User) -> int:
    """A user's unread count."""
    with db.session_scope(writes=False) as session:
        return session.get_one(User, user.id).unread


def choose(user: User, kind: Kind, way: Way) -> None:
    with db.session_scope() as session:
        session.add(NotificationChoice(user_id=user.id, kind=kind, way=way))
