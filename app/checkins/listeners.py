"""What makes a day a day of learning, and the line about today on other pages. Connected by app.features."""

from typing import Any
from uuid import UUID

from fastapi import Request
from markupsafe import Markup
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.checkins import replies  # noqa: F401 - the board learns of the places where one replies
from app.checkins.models import Source
from app.checkins.pages import TodaySlot
from app.checkins.records import record_of
from app.checkins.service import check_in
from app.core import events
from app.jobs.models import Job
from app.web import slots
from app.web.templating import render


@events.lesson_finished.connect
def _lesson_finished(session: Session, *, user_id: UUID, **_more: object) -> None:
    check_in(session, user_id, Source.LESSON)


@events.question_answered.connect
def _question_answered(session: Session, *, user_id: UUID, **_more: object) -> None:
    check_in(session, user_id, Source.QUIZ)


@events.review_done.connect
def _review_done(session: Session, *, user_id: UUID, **_more: object) -> None:
    check_in(session, user_id, Source.REVIEW)


@events.job_submitted.connect
def _job_submitted(session: Session, *, job: Job, **_more: object) -> None:
    """The try counts, whatever comes of it."""
    check_in(session, job.user_id, Source.JOB)


@slots.today.provide
def _today(request: Request, session: Session, _subject: Any, user: User | None) -> Markup | None:
    if user is None:
        return None
    record = record_of(session, user.id)
    page = TodaySlot(record.summary, bool(record.stored))
    return Markup(bytes(render(request, "checkins/_today_slot.html", page=page).body).decode())
