"""Column files that an admin has uploaded but not yet imported: parsed, reported, and stored in Redis for an hour.

Nothing is written to the database before the admin confirms.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import Request
from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.datastructures import UploadFile
from structlog import get_logger

from app.accounts.models import User
from app.columns.column_import import (
    LONGEST_FILE,
    ColumnLesson,
    column_course,
    read_column,
    save_column,
    store_pictures,
)
from app.columns.titles import order_of
from app.core.db import after_commit
from app.core.errors import AppError, Invalid, NotFound
from app.core.i18n import N_
from app.core.i18n import gettext as _
from app.core.redis import get_redis
from app.courses.models import Course, Lesson
from app.journal import journal
from app.web.fields import number_from
from app.web.security.csrf import checked_form

log = get_logger()

MOST_FILES = 50
MOST_BYTES = 20_000_000
KEPT = timedelta(hours=1)


@dataclass(frozen=True)
class UploadedFile:
    name: str
    content: bytes


@dataclass(frozen=True)
class Outcome:
    """The outcome for a file: "new", "unchanged", "replaced" or "kept"; `lesson` is the id of its lesson."""

    outcome: str
    lesson: str


@dataclass(frozen=True)
class Upload:
    """Files waiting for confirmation; afterwards `outcomes` has one for each, and `course` is where they went."""

    token: str
    files: Sequence[UploadedFile]
    course: str | None = None
    outcomes: Sequence[Outcome] = field(default_factory=list)

    def columns(self) -> list[ColumnLesson]:
        return [read_column(file.name, file.content) for file in self.files]


async def uploaded_files(request: Request) -> list[UploadedFile] | Invalid:
    """Dependency: the form's files `files`, or why they are refused (the route shows it on its page)."""
    declared = number_from(request.headers.get("content-length", ""), otherwise=MOST_BYTES + 1)
    if declared > MOST_BYTES:
        return Invalid({"files": _("These files are larger than 20 MB together. Please choose fewer.")})
    form = await checked_form(request)
    files = [item for item in form.getlist("files") if isinstance(item, UploadFile) and item.filename]
    if not files:
        return Invalid({"files": _("Please choose a file first.")})
    if any((file.size or 0) > LONGEST_FILE for file in files):
        return Invalid(
            {"files": _("One of these files is larger than 5 MB. That is too large for a lesson.")}
        )
    return [UploadedFile(str(file.filename)[:200], await file.read()) for file in files]


def keep(admin: User, files: Sequence[UploadedFile] | Invalid) -> Upload:
    """Store uploaded files for an hour. Raises Invalid if they were refused."""
    if isinstance(files, Invalid):
        raise files
    upload = Upload(_token_of(files), files)
    _store(admin, upload)
    return upload


def _token_of(files: Sequence[UploadedFile]) -> str:
    """The same files sent again are the same upload. Not a secret: admins can only find their own."""
    digest = hashlib.sha256(json.dumps([file.name for file in files]).encode())
    for file in files:
        digest.update(hashlib.sha256(file.content).digest())
    return base64.urlsafe_b64encode(digest.digest()[:16]).decode().rstrip("=")


def find(admin: User, token: str) -> Upload:
    """This admin's upload with `token`. Raises NotFound once it has expired."""
    try:
        kept = get_redis().get(_key(admin, token))
    except RedisError:
        raise _unavailable() from None
    if kept is None:
        raise NotFound(N_("This upload has expired after an hour. Please upload the files again."))
    stored: dict[str, Any] = json.loads(kept)
    files = [UploadedFile(name, base64.b64decode(content)) for name, content in stored["files"]]
    return Upload(token, files, stored["course"], [Outcome(*outcome) for outcome in stored["outcomes"]])


def bring_in(session: Session, admin: User, upload: Upload, course_slug: str) -> Upload:
    """Write the uploaded lessons as drafts, with their comments. Idempotent."""
    columns = upload.columns()
    for column in columns:
        store_pictures(column)
    # Others wait from here on: nothing is parsed or stored as a file any more.
    course: Course = column_course(session, course_slug)
    found: dict[int, Outcome] = {}
    for place in sorted(range(len(columns)), key=lambda place: order_of(columns[place].title)):
        report = save_column(session, course, upload.files[place].name, columns[place])
        found[place] = Outcome(report.outcome, str(_lesson_id(session, course, report.slug)))
    outcomes = [found[place] for place in range(len(columns))]
    if any(outcome.outcome in {"new", "replaced"} for outcome in outcomes):
        journal.record(session, admin, "import", course.slug, files=len(upload.files))
    done = Upload(upload.token, upload.files, course.slug, outcomes)
    after_commit(session, partial(_note_outcome, admin, done))
    return done


def _note_outcome(admin: User, done: Upload) -> None:
    """The lessons are stored by now, whatever happens to the upload's page: sending it again changes nothing."""
    try:
        _store(admin, done)
    except AppError as error:
        log.warning("outcome of an import not noted", error=str(error))


def _lesson_id(session: Session, course: Course, slug: str) -> UUID | None:
    return session.scalar(select(Lesson.id).where(Lesson.course_id == course.id, Lesson.slug == slug))


def _store(admin: User, upload: Upload) -> None:
    files = [[file.name, base64.b64encode(file.content).decode()] for file in upload.files]
    outcomes = [[outcome.outcome, outcome.lesson] for outcome in upload.outcomes]
    try:
        get_redis().set(
            _key(admin, upload.token),
            json.dumps({"files": files, "course": upload.course, "outcomes": outcomes}),
            ex=KEPT,
        )
    except RedisError:
        raise _unavailable() from None


def _unavailable() -> AppError:
    return AppError(N_("Uploads are not possible right now; please try again in a moment."))


def _key(admin: User, token: str) -> str:
    """Another admin's upload cannot be found."""
    return f"column-upload:{admin.id}:{token}"
