"""What counts as a day of learning, the line about today on other pages, and where check-ins are replied to."""

from typing import Any
from uuid import UUID

from fastapi import Request
from markupsafe import Markup
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board import places
from app.board.places import ThreadHost
from app.checkins import queries
from app.checkins.models import Source
from app.checkins.pages import TodaySlot
from app.checkins.records import record_of
from app.checkins.replies import reply_place
from app.checkins.service import check_in
from app.core.events import on
from app.courses.events import LessonFinished
from app.jobs.events import JobSubmitted
from app.jobs.models import Job
from app.quizzes.events import QuestionAnswered, ReviewDone
from app.web import slots
from app.web.templating import render


@on(LessonFinished)
def _lesson_finished(session: Session, *, user_id: UUID) -> None:
    check_in(session, user_id, Source.LESSON)


@on(QuestionAnswered)
def _question_answered(session: Session, *, user_id: UUID) -> None:
    check_in(session, user_id, Source.QUIZ)


@on(ReviewDone)
def _review_done(session: Session, *, user_id: UUID) -> None:
    check_in(session, user_id, Source.REVIEW)


@on(JobSubmitted)
def _job_submitted(session: Session, *, job: Job) -> None:
    """Submitting counts, whatever the outcome."""
    if job.user_id:
        check_in(session, job.user_id, Source.JOB)


@slots.today.provide
def _today(request: Request, session: Session, _subject: Any, user: User | None) -> Markup | None:
    if user is None:
        return None
    record = record_of(session, user.id)
    page = TodaySlot(record.summary, bool(record.stored))
    return Markup(bytes(render(request, "checkins/_today_slot.html", page=page).body).decode())


@places.kind("check-in")
def _reply_place(session: Session, user: User | None, check_in_id: UUID) -> ThreadHost | None:
    row = queries.shown_check_in(session, check_in_id, user.id) if user else None
    return reply_place(check_in_id, row.check_in.user_id) if row else None
