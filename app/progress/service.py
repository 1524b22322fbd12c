"""What a reader has done so far."""

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.clock import now
from app.courses import outline
from app.jobs.queries import jobs_of
from app.progress import queries
from app.progress.pages import ProgressPage
from app.progress.weeks import by_week

LATEST_JOBS = 10


def progress_page(session: Session, user: User) -> ProgressPage:
    weeks = by_week(
        queries.lessons_read(session, user.id),
        queries.questions_passed(session, user.id),
        queries.goals_reached(session, user.id),
        now().date(),
    )
    return ProgressPage(outline.course_pages(session, user), weeks, jobs_of(session, user.id, limit=LATEST_JOBS))
