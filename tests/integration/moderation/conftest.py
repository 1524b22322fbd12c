"""An author, a lecturer who moderates, and the events sent."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.board.events import CommentFeatured, CommentModerated, CommentShown
from tests.factories import make_user
from tests.listening import listening


@pytest.fixture
def author(session: Session) -> User:
    return make_user(session, "小昊")


@pytest.fixture
def lecturer(session: Session) -> User:
    return make_user(session, "Lin", Role.LECTURER)


@pytest.fixture
def heard() -> Iterator[list[Any]]:
    """The events that others hear of."""
    with listening(CommentShown, CommentModerated, CommentFeatured) as found:
        yield found
