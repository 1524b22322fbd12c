"""Full-text search of comments, for the search page. Posting a comment maintains no index: the texts are scanned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from markupsafe import Markup
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload, load_only

from app.accounts.models import User
from app.accounts.names import public_name
from app.board.models import Comment, CommentState, Thread
from app.board.places import CLASS
from app.board.text.mentions import html_with_names, ids_in_html, names_of
from app.courses.models import Lesson, LessonRevision
from app.jobs.models import Job

# Number of newest matches loaded; their text is then checked as readers see it.
MOST_READ = 200


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


def comments_with(session: Session, user: User | None, words: Sequence[str]) -> list[FoundComment]:
    """The newest public comments whose stored text has each of `words`. Visitors find only comments below lessons."""
    below_lesson = and_(Thread.lesson_id.is_not(None), Lesson.published_revision_id.is_not(None))
    below_job = and_(Thread.job_id.is_not(None), Job.shared_at.is_not(None))
    is_open = or_(below_lesson, below_job, Thread.key == CLASS.key) if user else below_lesson
    rows = session.execute(
        select(Comment, LessonRevision.title, Thread.job_id)
        .join(Thread, Thread.id == Comment.thread_id)
        .outerjoin(Lesson, Lesson.id == Thread.lesson_id)
        .outerjoin(LessonRevision, LessonRevision.id == Lesson.published_revision_id)
        .outerjoin(Job, Job.id == Thread.job_id)
        .where(Comment.state == CommentState.VISIBLE, is_open)
        .where(*(_says(word) for word in words))
        .options(
            load_only(Comment.title, Comment.html, Comment.created_at, Comment.imported_name),
            joinedload(Comment.author).load_only(User.name, User.role, User.shows_name),
        )
        .order_by(Comment.created_at.desc(), Comment.id)
        .limit(MOST_READ)
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


def _says(word: str) -> ColumnElement[bool]:
    return or_(
        Comment.body.icontains(word, autoescape=True),
        func.coalesce(Comment.title, "").icontains(word, autoescape=True),
    )
