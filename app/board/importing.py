"""Selected comments of an imported column become comments of the lesson's thread once readers can see the lesson."""

import re
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.board import counters
from app.board.models import Comment, CommentState, Rank
from app.board.places import lesson_place
from app.board.service import open_thread
from app.board.text.comment_html import rendered
from app.board.text.mentions import without_names
from app.core.clock import now
from app.courses.models import ImportedComment, Lesson

# Authors whose replies get the lecturer's badge: not the editors, nor the column's customer service.
_LECTURER = re.compile(
    r"(?:本课|课程|专栏|主讲)?(?:讲师|作者|老师|教师|主讲人?)(?:本人)?|lecturer|author|instructor|teacher",
    re.I,
)


def new_comments(session: Session, lesson: Lesson) -> list[Comment]:
    """All that `import_comments` would add, rendered ahead of its transaction."""
    imported = session.scalars(
        select(ImportedComment)
        .where(ImportedComment.lesson_id == lesson.id)
        .order_by(ImportedComment.position)
    ).all()
    thread_id = lesson_place(lesson).thread_id
    return [comment for one in imported for comment in _comments(thread_id, one)]


def import_comments(session: Session, lesson: Lesson, wanted: Sequence[Comment] | None = None) -> int:
    """Import comments (and lecturers' replies) into the thread of `lesson`, loaded with its course; returns how many.

    Idempotent: comments that exist already, or were deleted there, stay as they are. Those that the column no longer has
    are deleted. Names stay masked as the column masked them. `wanted`: the result of `new_comments`.
    """
    wanted = new_comments(session, lesson) if wanted is None else wanted
    if not wanted:
        return 0
    thread_id = open_thread(session, lesson_place(lesson))
    known = {comment.id: comment for comment in _imported(session, thread_id)}
    new = [comment for comment in wanted if comment.id not in known]
    for comment in new:
        session.add(comment)
        session.flush()
        counters.count(session, comment, 1)
    for comment in wanted:
        if comment.id in known and known[comment.id].is_answer != comment.is_answer:
            known[comment.id].is_answer = comment.is_answer
    for identity in known.keys() - {comment.id for comment in wanted}:
        counters.change_state(session, known[identity], CommentState.DELETED)
    return len(new)


def _imported(session: Session, thread_id: UUID) -> list[Comment]:
    return list(
        session.scalars(
            select(Comment).where(Comment.thread_id == thread_id, Comment.imported_name.is_not(None))
        )
    )


def _comments(thread_id: UUID, imported: ImportedComment) -> list[Comment]:
    """The comment and its replies. Their ids are derived from their text, so that they are recognised again.

    The column has no dates: the timestamps only preserve its order.
    """
    moment = now() - timedelta(seconds=imported.position)
    first = _comment(thread_id, imported.name, imported.body, f"{imported.position}")
    first.created_at = moment
    first.is_featured = imported.featured
    first.rank = Rank.FEATURED if imported.featured else Rank.PLAIN
    found = [first]
    for number, reply in enumerate(imported.replies):
        answer = _comment(
            thread_id, reply["by"], reply["body"], f"{imported.position}.{number}", parent=first.id
        )
        answer.created_at = moment + timedelta(milliseconds=number + 1)
        found.append(answer)
    return found


def _comment(thread_id: UUID, name: str, text: str, position: str, *, parent: UUID | None = None) -> Comment:
    body = without_names(text)
    return Comment(
        id=uuid5(thread_id, f"imported {position} {name} {body}"),
        thread_id=thread_id,
        parent_id=parent,
        imported_name=name,
        body=body,
        html=rendered(body),
        is_answer=parent is not None and bool(_LECTURER.fullmatch(name.strip())),
    )
