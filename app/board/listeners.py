"""What the board adds to other features' pages, and what pages watching a thread are sent."""

from uuid import UUID

from fastapi import Request
from markupsafe import Markup
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.names import public_name
from app.board.discussion.pages import SharedJob
from app.board.discussion.part import render_discussion
from app.board.events import CommentShown
from app.board.models import Comment, CommentDraft, CommentFollow, Thread
from app.board.places import job_place, lesson_place
from app.core.events import on
from app.core.live.sending import publish
from app.courses.models import Lesson
from app.jobs.models import Job
from app.web import slots
from app.web.templating import render


@on(CommentShown)
def _tell_watchers(session: Session, *, comment: Comment) -> None:
    """Pages that show the thread. Ids only: the page's reader determines what of the comment it shows."""
    data = {"id": str(comment.id), "parent": str(comment.parent_id) if comment.parent_id else None}
    publish(session, f"thread:{comment.thread_id}", "comment", data)


@slots.below_lesson.provide(
    shows=(Thread, Comment),
    stamp=(
        select(Thread.version).where(Thread.lesson_id == Lesson.id).correlate(Lesson).scalar_subquery(),
        *(
            select(aggregate).where(CommentDraft.user_id == User.id).correlate(User).scalar_subquery()
            for aggregate in (func.count(), func.max(CommentDraft.updated_at))
        ),
        *(
            select(aggregate).where(CommentFollow.user_id == User.id).correlate(User).scalar_subquery()
            for aggregate in (func.count(), func.max(CommentFollow.created_at))
        ),
    ),
)
def _below_lesson(request: Request, session: Session, lesson: Lesson, user: User | None) -> Markup:
    return render_discussion(request, session, user, lesson_place(lesson))


@slots.below_job.provide
def _below_job(request: Request, session: Session, job: Job, user: User | None) -> Markup | None:
    """The comments if the job is shared; for its owner the button that starts or ends sharing. A visitor's trial cannot be shared."""
    if user is None or job.user_id is None:
        return None
    comments = render_discussion(request, session, user, job_place(job)) if job.shared_at else Markup("")
    page = _shared_job(session, user, job, job.user_id, comments)
    return Markup(bytes(render(request, "board/_below_job.html", page=page).body).decode())


def _shared_job(session: Session, user: User, job: Job, owner_id: UUID, discussion: Markup) -> SharedJob:
    is_own = owner_id == user.id
    owner = user if is_own else session.get(User, owner_id)
    return SharedJob(job.id, job.shared_at is not None, is_own, owner_id, public_name(owner), discussion)
