"""An author, a lecturer who moderates, and what the others are told."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.core import events
from tests.factories import make_user


@pytest.fixture
def author(session: Session) -> User:
    return make_user(session, "小昊")


@pytest.fixture
def lecturer(session: Session) -> User:
    return make_user(session, "Lin", Role.LECTURER)


@pytest.fixture
def heard() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """The signals that were sent: the name and what they carried."""
    found: list[tuple[str, dict[str, Any]]] = []
    names = ("comment_shown", "comment_moderated", "comment_featured")
    listeners = [_listener(name, found) for name in names]
    for name, listener in zip(names, listeners, strict=True):
        getattr(events, name).connect(listener)
    yield found
    for name, listener in zip(names, listeners, strict=True):
        getattr(events, name).disconnect(listener)


def _listener(name: str, found: list[tuple[str, dict[str, Any]]]) -> Callable[..., None]:
    return lambda _session, **carried: found.append((name, carried))
