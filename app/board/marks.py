"""Featured (精选) and pinned comments: what staff put first. Each act is logged with its actor and a fixed reason."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board.events import CommentFeatured
from app.board.log import record
from app.board.models import Comment, CommentState
from app.core import events
from app.core.errors import Conflict, NotFound
from app.core.i18n import N_


def feature(session: Session, staff: User, comment: Comment, on: bool = True) -> bool:
    """Whether this changed anything. The author is notified."""
    if not _mark(session, staff, comment, "is_featured", on, "feature" if on else "unfeature"):
        return False
    if on:
        events.send(session, CommentFeatured(comment=comment, by_id=staff.id))
    return True


def pin(session: Session, staff: User, comment: Comment, on: bool = True) -> bool:
    """Whether this changed anything. Raises Conflict for a reply, which is shown inside another comment."""
    if comment.parent_id is not None:
        raise Conflict(N_("A reply belongs to a comment; please pin that comment."))
    return _mark(session, staff, comment, "is_pinned", on, "pin" if on else "unpin")


def visible(session: Session, comment_id: UUID) -> Comment:
    """Raises NotFound for a comment that readers do not see."""
    comment = session.get(Comment, comment_id, with_for_update=True)
    if comment is None or comment.state != CommentState.VISIBLE:
        raise NotFound
    return comment


def _mark(session: Session, staff: User, comment: Comment, name: str, on: bool, act: str) -> bool:
    if getattr(comment, name) == on:
        return False
    setattr(comment, name, on)
    comment.rank = comment.rank_in(comment.state)
    session.flush()
    record(session, comment, staff, act, before=comment.state)
    return True
