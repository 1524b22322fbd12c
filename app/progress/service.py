"""What a reader has done so far."""

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.clock import now
from app.courses import outline
from app.jobs.queries import jobs_of
from app.progress.pages import ProgressPage
from app.progress.weeks import by_week

LATEST_JOBS = 10


def progress_page(session: Session, user: User) -> ProgressPage:
    record = outline.record_of(session, user)
    weeks = by_week(record.read.values(), record.questions.values(), record.labs.values(), now().date())
    return ProgressPage(
        outline.course_pages(session, record), weeks, jobs_of(session, user.id, limit=LATEST_JOBS)
    )
