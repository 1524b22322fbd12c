"""Following a top-level comment, to be notified of every reply, and muting it, to be notified of none. Nothing here commits."""

from typing import Literal
from uuid import UUID

from sqlalchemy import Uuid, bindparam, delete, func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board.models import Comment, CommentFollow, CommentState
from app.board.queries import lock_author
from app.core.clock import now
from app.core.db import insert
from app.core.errors import Conflict, NotFound
from app.core.i18n import N_

Following = Literal["follow", "mute", "none"]
# Per user.
MOST_FOLLOWED = 500
_follows = CommentFollow.__table__.c
_OF_COMMENT = select(_follows.user_id, _follows.is_muted).where(
    _follows.comment_id == bindparam("comment", type_=Uuid())
)


def choose(session: Session, user: User, comment: Comment, how: Following) -> None:
    """Idempotent. Raises Conflict for a reply, or beyond MOST_FOLLOWED; NotFound for a stub."""
    if comment.parent_id is not None:
        raise Conflict(N_("A reply belongs to a comment; please follow that comment."))
    own = (CommentFollow.comment_id == comment.id, CommentFollow.user_id == user.id)
    if how == "none":
        session.execute(delete(CommentFollow).where(*own))
        return
    if comment.state != CommentState.VISIBLE:
        raise NotFound
    lock_author(session, user.id)
    count = session.scalar(select(func.count()).where(CommentFollow.user_id == user.id)) or 0
    if count >= MOST_FOLLOWED:
        raise Conflict(N_("You already follow or mute 500 discussions. Please drop some of them first."))
    values = {"comment_id": comment.id, "user_id": user.id, "is_muted": how == "mute", "created_at": now()}
    statement = insert(session, CommentFollow).values(**values)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["comment_id", "user_id"],
            set_={name: statement.excluded[name] for name in ("is_muted", "created_at")},
        )
    )


def followers(session: Session, comment_id: UUID) -> tuple[set[UUID], set[UUID]]:
    """The users who follow a top-level comment, and those who have muted it."""
    rows = session.connection().execute(_OF_COMMENT, {"comment": comment_id}).all()
    return {row.user_id for row in rows if not row.is_muted}, {row.user_id for row in rows if row.is_muted}
