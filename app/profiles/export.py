"""Everything one owns, as a ZIP of JSON and files. It is made while it is sent: one file, or a chunk of a table, is held at a time.

Each chunk of rows is read in a session of its own, so that a slow download keeps no transaction open.
"""

import json
import zipfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import IO, Any
from uuid import UUID

from anyio import CapacityLimiter, to_thread
from sqlalchemy import Column, ColumnElement, Table, select, tuple_

from app.accounts.models import User, UserSession
from app.board.models import (
    Comment,
    CommentDraft,
    CommentEdit,
    CommentFollow,
    CommentLike,
    CommentReport,
    ModerationAct,
)
from app.checkins.models import CheckIn, CheckInSettings, Cheer, UserZone
from app.core.admission import Admission
from app.core.db import Base, session_scope
from app.core.storage import Files
from app.courses.models import LessonDraft, LessonReading, LessonRevision, ReadingPosition
from app.jobs.models import Job, JobArtefact, JobEpoch, JobLogLine
from app.notes.models import Note
from app.notifications.models import MailAddress, Notification, NotificationChoice
from app.quizzes.models import QuizAttempt
from app.reviews.models import ReviewCard

ROWS_AT_ONCE = 500
# Nothing of use to the owner, and of use to a thief.
SECRET = {"password_hash", "token_hash", "feed_token_hash", "name_key"}
# What others did is no part of one's own data; authors hear of decisions, but not who made them.
LEFT_OUT = {"actors", "actor_id", "checkpoint_key", "stream_id", "key"}
# Made from the rest, and large: not even read.
DERIVED = {"html", "rendering", "rendered_with"}


@dataclass(frozen=True)
class Owned:
    """A table whose rows belong to the user in `owner`; or, `through` another such table, to whom a row there belongs."""

    name: str
    model: type[Base]
    owner: str
    through: type[Base] | None = None

    @property
    def table(self) -> Table:
        return self.model.__table__  # type: ignore[return-value]

    def belongs_to(self, user_id: UUID) -> ColumnElement[bool]:
        if self.through is None:
            return self.table.c[self.owner] == user_id
        above = self.through.__table__
        owner = above.c.author_id if self.through is Comment else above.c.user_id
        return self.table.c[self.owner].in_(select(above.c.id).where(owner == user_id))


OWNED = (
    Owned("account", User, "id"),
    Owned("sign-ins", UserSession, "user_id"),
    Owned("lessons-read", LessonReading, "user_id"),
    Owned("reading-places", ReadingPosition, "user_id"),
    Owned("notes", Note, "user_id"),
    Owned("answers", QuizAttempt, "user_id"),
    Owned("review-cards", ReviewCard, "user_id"),
    Owned("comments", Comment, "author_id"),
    Owned("comment-edits", CommentEdit, "comment_id", Comment),
    Owned("comment-drafts", CommentDraft, "user_id"),
    Owned("comment-likes", CommentLike, "user_id"),
    Owned("comment-follows", CommentFollow, "user_id"),
    Owned("comment-reports", CommentReport, "reporter_id"),
    Owned("comment-decisions", ModerationAct, "comment_id", Comment),
    Owned("check-ins", CheckIn, "user_id"),
    Owned("check-in-settings", CheckInSettings, "user_id"),
    Owned("time-zones", UserZone, "user_id"),
    Owned("cheers", Cheer, "user_id"),
    Owned("notifications", Notification, "user_id"),
    Owned("notification-choices", NotificationChoice, "user_id"),
    Owned("mail-address", MailAddress, "user_id"),
    Owned("trainings", Job, "user_id"),
    Owned("training-epochs", JobEpoch, "job_id", Job),
    Owned("training-logs", JobLogLine, "job_id", Job),
    Owned("lesson-drafts", LessonDraft, "editor_id"),
    Owned("lesson-revisions", LessonRevision, "author_id"),
)
ARTEFACTS = Owned("training-files", JobArtefact, "job_id", Job)


async def export(user_id: UUID, admission: Admission, files: Files) -> AsyncIterator[bytes]:
    """The pieces of the ZIP. Raises FilesAway or Busy in the middle: then the download breaks off, and its browser says so."""
    sink = _Sink()
    packing = CapacityLimiter(1)
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for owned in OWNED:
            with archive.open(f"{owned.name}.json", "w") as file:
                file.write(b"[")
                separator = b"\n"
                async for chunk in _chunks(admission, owned, user_id):
                    await to_thread.run_sync(_write_rows, file, chunk, separator, limiter=packing)
                    separator = b",\n"
                    if piece := sink.taken():
                        yield piece
                file.write(b"\n]\n")
            yield sink.taken()
        async for chunk in _chunks(admission, ARTEFACTS, user_id):
            for row in chunk:
                content = await files.fetch(row["key"])
                if content is not None:
                    name = f"trainings/{row['job_id']}/{row['attempt']}/{row['name']}"
                    await to_thread.run_sync(archive.writestr, name, content, limiter=packing)
                    yield sink.taken()
    yield sink.taken()


def _write_rows(file: IO[bytes], rows: Sequence[dict[str, Any]], separator: bytes) -> None:
    for row in rows:
        shown = {name: value for name, value in row.items() if name not in SECRET | LEFT_OUT}
        file.write(separator + json.dumps(shown, ensure_ascii=False, default=_plain).encode())
        separator = b",\n"


async def _chunks(admission: Admission, owned: Owned, user_id: UUID) -> AsyncIterator[list[dict[str, Any]]]:
    """From key to key. Between two of them no place is held: a slow download is nobody's concern."""
    keys = list(owned.table.primary_key.columns)
    last: Sequence[Any] | None = None
    while True:
        chunk = await admission.run(_chunk, owned, user_id, keys, last, waits_for_ever=True)
        if chunk:
            yield chunk
        if len(chunk) < ROWS_AT_ONCE:
            return
        last = [chunk[-1][key.name] for key in keys]


def _chunk(
    owned: Owned, user_id: UUID, keys: Sequence[Column[Any]], last: Sequence[Any] | None
) -> list[dict[str, Any]]:
    columns = [column for column in owned.table.columns if column.name not in DERIVED]
    statement = select(*columns).where(owned.belongs_to(user_id)).order_by(*keys).limit(ROWS_AT_ONCE)
    if last is not None:
        statement = statement.where(tuple_(*keys) > tuple_(*last, types=[key.type for key in keys]))
    with session_scope(writes=False) as session:
        return [dict(row) for row in session.execute(statement).mappings()]


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value.value if isinstance(value, Enum) else value)


class _Sink:
    """Takes what the archive writes until it is sent. It cannot seek, so the archive writes straight through."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass

    def taken(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
