"""Comments for tests of moderation: as they would be stored, at any time."""

from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board import counters, service
from app.board.models import Comment, CommentState
from app.board.places import CLASS
from app.board.text.rendering import render_comment
from app.core.clock import now

_numbers = count(1)


def say(
    session: Session,
    author: User,
    body: str = "",
    *,
    ago: timedelta = timedelta(0),
    state: CommentState = CommentState.VISIBLE,
    parent: Comment | None = None,
    **values: Any,
) -> Comment:
    """A comment on the class's board, stored without applying any rule."""
    body = body or f"This is remark number {next(_numbers)}."
    comment = Comment(
        thread_id=service.open_thread(session, CLASS),
        author_id=author.id,
        parent_id=parent.id if parent else None,
        body=body,
        html=render_comment(body),
        state=state,
        created_at=now() - ago,
        **values,
    )
    session.add(comment)
    session.flush()
    if state == CommentState.VISIBLE:
        counters.count(session, comment, 1)
    return comment


def age(session: Session, user: User, days: float) -> User:
    """Backdate the account."""
    user.created_at = now() - timedelta(days=days)
    session.flush()
    return user
