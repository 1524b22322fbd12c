"""What a reader has done so far."""

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.checkins.records import calendar_of
from app.core.clock import now
from app.courses import outline
from app.jobs.queries import jobs_of
from app.progress.pages import ProgressPage
from app.progress.weeks import by_week

LATEST_JOBS = 10


def progress_page(session: Session, user: User) -> ProgressPage:
    record = outline.record_of(session, user)
    calendar = calendar_of(session, user.id)
    read, questions, labs = (
        [calendar.date_at(moment) for moment in moments.values()]
        for moments in (record.read, record.questions, record.labs)
    )
    weeks = by_week(read, questions, labs, calendar.date_at(now()))
    return ProgressPage(
        outline.course_pages(session, record), weeks, jobs_of(session, user.id, limit=LATEST_JOBS)
    )
