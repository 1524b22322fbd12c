"""Lessons and comments index themselves.

However a revision gets published (a loaded folder, the editor, a schedule),
the transaction that stores it updates the index just before it commits. Only a bulk UPDATE would bypass this;
lessons are published one by one. A comment's words are stored with it when it is imported, edited or approved; when it is
posted, some seconds later (tasks.py).
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import get_history

from app.board.events import CommentEdited, CommentsEmptied, CommentShown
from app.board.models import Comment
from app.core.events import on
from app.courses.models import Lesson, LessonRevision
from app.publishing.events import LessonRendered
from app.search import index
from app.search.comments import forget_comments, index_comments

_PENDING = "lessons to index"


@on(LessonRendered)
def read_ahead(_session: None, *, columns: Mapping[str, Any]) -> None:
    index.read_ahead(columns)


@event.listens_for(Session, "after_flush")
def _notice_publications(session: Session, _context: object) -> None:
    for changed in session.new.union(session.dirty):
        if isinstance(changed, Lesson) and _has_changed(changed, "published_revision_id"):
            session.info.setdefault(_PENDING, set()).add(changed.id)
        elif isinstance(changed, LessonRevision) and _has_changed(changed, "rendering"):
            session.info.setdefault(_PENDING, set()).add(changed.lesson_id)


@on(CommentShown)
def index_approved(session: Session, *, comment: Comment, is_new: bool) -> None:
    if not is_new:
        index_comments(session, [comment])


@on(CommentEdited)
def index_shown_again(session: Session, *, comment: Comment, before: str) -> None:
    """It may have been hidden before it was indexed."""
    if not before:
        index_comments(session, [comment])


@on(CommentsEmptied)
def forget_emptied(session: Session, *, comment_ids: Any) -> None:
    forget_comments(session, comment_ids)


@event.listens_for(Session, "after_flush")
def _index_changed_comments(session: Session, _context: object) -> None:
    index_comments(
        session,
        [
            changed
            for changed in session.new.union(session.dirty)
            if isinstance(changed, Comment)
            and (_has_changed(changed, "html") or _has_changed(changed, "title"))
        ],
    )


@event.listens_for(Session, "before_commit")
def _index_publications(session: Session) -> None:
    session.flush()
    for lesson_id in session.info.pop(_PENDING, ()):
        lesson = session.get(Lesson, lesson_id)
        if lesson is not None:
            published = lesson.published_revision_id
            index.index_lesson(session, lesson, session.get(LessonRevision, published) if published else None)


def _has_changed(changed: Lesson | LessonRevision | Comment, name: str) -> bool:
    return bool(get_history(changed, name).has_changes())
