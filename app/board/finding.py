"""Comments for the search page, whose index (app/search) knows their words: what of it a reader may see, and how it reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from markupsafe import Markup
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload, load_only

from app.accounts.models import User
from app.accounts.names import public_name
from app.board.models import Comment, CommentState, Thread
from app.board.places import CLASS
from app.board.text.mentions import html_with_names, ids_in_html, names_of
from app.courses.models import Lesson, LessonRevision
from app.jobs.models import Job


@dataclass(frozen=True)
class FoundComment:
    """A match as its reader sees it. `lesson_title`: in the languages that it has, None on the board or below a training."""

    id: UUID
    author_id: UUID | None
    author: str
    title: str
    text: str
    lesson_title: dict[str, str] | None
    is_below_job: bool
    created_at: datetime
    is_imported: bool


def readable_comments(session: Session, user: User | None, ids: Sequence[UUID]) -> list[FoundComment]:
    """Those of the comments that all may see here, newest first. Visitors find what stands below lessons."""
    if not ids:
        return []
    below_lesson = and_(Thread.lesson_id.is_not(None), Lesson.published_revision_id.is_not(None))
    below_job = and_(Thread.job_id.is_not(None), Job.shared_at.is_not(None))
    is_open = or_(below_lesson, below_job, Thread.key == CLASS.key) if user else below_lesson
    rows = session.execute(
        select(Comment, LessonRevision.title, Thread.job_id)
        .join(Thread, Thread.id == Comment.thread_id)
        .outerjoin(Lesson, Lesson.id == Thread.lesson_id)
        .outerjoin(LessonRevision, LessonRevision.id == Lesson.published_revision_id)
        .outerjoin(Job, Job.id == Thread.job_id)
        .where(Comment.id.in_(ids), Comment.state == CommentState.VISIBLE, is_open)
        .options(
            load_only(
                Comment.author_id, Comment.title, Comment.html, Comment.created_at, Comment.imported_name
            ),
            joinedload(Comment.author).load_only(User.name, User.role, User.shows_name),
        )
        .order_by(Comment.created_at.desc(), Comment.id)
    ).all()
    names = names_of(session, ids_in_html([comment.html for comment, _title, _job in rows]))
    return [
        FoundComment(
            comment.id,
            comment.author_id,
            comment.imported_name or public_name(comment.author),
            comment.title or "",
            " ".join(Markup(html_with_names(comment.html, names)).striptags().split()),
            title,
            job_id is not None,
            comment.created_at,
            comment.imported_name is not None,
        )
        for comment, title, job_id in rows
    ]
