"""What a form has made, so that sending it again makes nothing more: three clicks on a slow network are one training.

Every form of a page carries a key of its own (`form_token` in templates/components/forms.html). A service that makes something asks
`made_before` what this very sending, by its key, address and fields, has made already, and says with `is_first` what it makes now.
What comes without a key (a program, say) is always new.
"""

from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from app.accounts.models import SentForm, User
from app.core.clock import now
from app.core.db import Base, adds_row, insert, sent_form

# A form whose answer was lost is sent again within this time; later the same is meant to be done once more.
RETRY_SPAN = timedelta(minutes=10)

T = TypeVar("T", bound=Base)


def made_before(session: Session, user: User, model: type[T]) -> T | None:
    """What this sending has made already, if it is still there."""
    digest = sent_form(session)
    if digest is None:
        return None
    made = session.scalar(select(SentForm.made).where(*_this(user, digest), SentForm.created_at > _oldest()))
    return session.get(model, made) if made else None


def is_first(session: Session, user: User, made: UUID) -> bool:
    """Note that this sending makes `made`. False where another one of the same sending was quicker: nothing is to be made then.

    The other one's work is stored by now, or was given up. It stands after all that may refuse the form.
    """
    digest = sent_form(session)
    if digest is None:
        return True
    session.execute(delete(SentForm).where(SentForm.user_id == user.id, SentForm.created_at <= _oldest()))
    values = {"user_id": user.id, "digest": digest, "made": made, "created_at": now()}
    return adds_row(session, insert(session, SentForm).values(values).on_conflict_do_nothing())


def _this(user: User, digest: str) -> tuple[ColumnElement[bool], ...]:
    return SentForm.user_id == user.id, SentForm.digest == digest


def _oldest() -> datetime:
    return now() - RETRY_SPAN
