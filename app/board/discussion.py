"""A place's comments as a part of another page. Features above use it: `render_discussion(request, session, user, place)`."""

from uuid import UUID

from fastapi import Request
from markupsafe import Markup
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.names import public_name
from app.board import presenters
from app.board.cursors import Order
from app.board.models import Comment, CommentDraft, CommentFollow, Thread
from app.board.pages import Discussion, SharedJob
from app.board.places import ThreadHost, job_place, lesson_place
from app.courses import stamps
from app.courses.models import Lesson
from app.jobs.models import Job
from app.web import slots
from app.web.kept_pages import visitors as visitor_pages
from app.web.templating import render

visitor_pages.also_shown(Thread, Comment)
stamps.further_columns += [
    select(Thread.version).where(Thread.lesson_id == Lesson.id).correlate(Lesson).scalar_subquery(),
    *(
        select(aggregate).where(CommentDraft.user_id == User.id).correlate(User).scalar_subquery()
        for aggregate in (func.count(), func.max(CommentDraft.updated_at))
    ),
    *(
        select(aggregate).where(CommentFollow.user_id == User.id).correlate(User).scalar_subquery()
        for aggregate in (func.count(), func.max(CommentFollow.created_at))
    ),
]


def render_discussion(request: Request, session: Session, user: User | None, place: ThreadHost) -> Markup:
    """The comments, the form and the links of `place`, as the page's address asks for them (?order, ?after, ?comment)."""
    page = asked_discussion(request, session, user, place)
    return Markup(render(request, "board/_discussion.html", page=page).body.decode())


def asked_discussion(
    request: Request,
    session: Session,
    user: User | None,
    place: ThreadHost,
    *,
    limit: int = presenters.COMMENTS_PER_PAGE,
) -> Discussion:
    asked = request.query_params
    order = Order(asked["order"]) if asked.get("order") in set(Order) else Order.LIKES
    return presenters.discussion(
        session,
        user,
        place,
        order=order,
        after=asked.get("after", ""),
        linked=_uuid(asked.get("comment", "")),
        limit=limit,
    )


@slots.below_lesson.provide
def _below_lesson(request: Request, session: Session, lesson: Lesson, user: User | None) -> Markup:
    return render_discussion(request, session, user, lesson_place(lesson))


@slots.below_job.provide
def _below_job(request: Request, session: Session, job: Job, user: User | None) -> Markup | None:
    """The comments where the job is shared; for its owner the button that shares it, or ends that."""
    if user is None:
        return None
    comments = render_discussion(request, session, user, job_place(job)) if job.shared_at else Markup("")
    page = _shared_job(session, user, job, comments)
    return Markup(render(request, "board/_below_job.html", page=page).body.decode())


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _shared_job(session: Session, user: User, job: Job, discussion: Markup) -> SharedJob:
    is_own = job.user_id == user.id
    owner = user if is_own else session.get(User, job.user_id)
    return SharedJob(job.id, job.shared_at is not None, is_own, public_name(owner), discussion)
