"""What a form has created, so that sending it again creates nothing more: three clicks on a slow network start one training.

Every form carries a key of its own (`form_token` in templates/components/forms.html). A service that creates something asks
`made_before` what this submission, identified by key, address and fields, has already created, and records its own with
`is_first`. A submission without a key (from a program, say) always counts as new.
"""

from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from app.accounts.models import SentForm, User
from app.core.clock import now
from app.core.db import Base, adds_row, insert, sent_form

# A form whose answer was lost is resent within this time; later, the same form is meant to be done once more.
RETRY_SPAN = timedelta(minutes=10)

T = TypeVar("T", bound=Base)


def made_before(session: Session, user: User, model: type[T]) -> T | None:
    """What this submission has already created, if it still exists."""
    digest = sent_form(session)
    if digest is None:
        return None
    made = session.scalar(select(SentForm.made).where(*_this(user, digest), SentForm.created_at > _oldest()))
    return session.get(model, made) if made else None


def is_first(session: Session, user: User, made: UUID) -> bool:
    """Record that this submission creates `made`. False if a duplicate was quicker: then nothing must be created.

    By then the duplicate's work has been stored or rolled back. Call it after everything that may refuse the form.
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
