"""A fixed clock, and a student who joined a year ago."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.checkins import records
from app.checkins.calendars import ONE
from tests.factories import make_user
from tests.integration.checkins.days import NOON, Clock


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The server's clock as check-ins read it: `clock(moment)` sets it. It starts at NOON."""

    def set_to(moment: datetime) -> None:
        monkeypatch.setattr(records, "now", lambda: moment)

    set_to(NOON)
    return set_to


@pytest.fixture
def ming(session: Session) -> User:
    """A student with an account since the year before."""
    user = make_user(session, "小明")
    user.created_at = NOON - 365 * ONE
    session.commit()
    return user
