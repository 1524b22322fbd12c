"""Nothing here commits."""

from collections.abc import Sequence
from uuid import UUID

from app.guestbook.events import LineWritten
from app.guestbook.models import Entry
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import events

LATEST = 50


def write(session: Session, user_id: UUID, line: str) -> Entry:
    entry = Entry(user_id=user_id, line=line)
    session.add(entry)
    session.flush()
    events.send(session, LineWritten(entry))
    return entry


def latest(session: Session) -> Sequence[str]:
    return session.scalars(select(Entry.line).order_by(Entry.written_at.desc()).limit(LATEST)).all()
