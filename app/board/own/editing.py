"""Editing one's own comment. Within 15 minutes it leaves no trace; later it is marked "edited", and the old text stays for 24
hours.

Nothing here commits.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board.events import CommentEdited, CommentsEmptied
from app.board.models import Comment, CommentEdit, CommentLike, CommentState, ModerationAct
from app.board.queries import comment_with_thread
from app.board.states import UNDO_DELETION, UNKNOWN, get_comment, move
from app.board.text.comment_html import rendered
from app.board.text.comment_text import checked_body
from app.board.writing import spam
from app.core import events
from app.core.clock import now
from app.core.errors import Forbidden, NotFound
from app.core.i18n import N_

SILENT = timedelta(minutes=15)
HISTORY = timedelta(hours=24)
# The sweep's transactions stay short; the next sweep does the rest.
PURGED_AT_ONCE = 500
EDITABLE = {CommentState.VISIBLE, CommentState.PENDING, CommentState.WITHHELD}


def editable_comment(session: Session, user: User, comment_id: UUID) -> Comment:
    """One's own comment. Raises NotFound for others' comments, and Forbidden for rejected or deleted ones."""
    return _checked(user, comment_with_thread(session, comment_id))


def edit(session: Session, user: User, comment_id: UUID, text: str, *, title: str | None = None) -> Comment:
    """Set a comment's text to `text` below `title` (None: unchanged).

    Raises what `editable_comment` does, and Invalid for `body` if a rule refuses it. Moderation decisions stay: a withheld
    comment stays withheld. An edit by an author whose new comments are checked first is checked first too; otherwise unchecked
    text could slip in by an edit.
    """
    editable_comment(session, user, comment_id)
    body = checked_body(text)
    html = rendered(body)
    # Its row is locked from here on.
    comment = _checked(user, get_comment(session, comment_id))
    if title is None or comment.parent_id is not None:
        title = comment.title
    if body == comment.body and (title or None) == comment.title:
        return comment
    is_checked_first = spam.check_edit(session, user, comment, body, html)
    was_seen = comment.state == CommentState.VISIBLE
    moment = now()
    if moment - comment.created_at > SILENT:
        kept = {"title": comment.title, "body": comment.body, "was_seen": was_seen, "replaced_at": moment}
        session.add(CommentEdit(comment_id=comment.id, **kept))
        comment.edited_at = moment
    before, comment.body, comment.html = comment.html, str(body), html
    comment.title = title or None
    session.flush()
    if is_checked_first and was_seen:
        reason = spam.REASONS[CommentState.PENDING]
        move(session, None, comment, CommentState.PENDING, "hold", reason)
    if comment.state == CommentState.VISIBLE:
        events.send(session, CommentEdited(comment=comment, before=before))
    return comment


def history(session: Session, comment_id: UUID, *, is_for_staff: bool = False) -> Sequence[CommentEdit]:
    """Earlier texts of the comment, newest first, as far as they are still kept. Texts that no reader ever saw are for staff
    alone.
    """
    kept = (CommentEdit.comment_id == comment_id, CommentEdit.replaced_at > now() - HISTORY)
    statement = select(CommentEdit).where(*kept).order_by(CommentEdit.replaced_at.desc())
    return session.scalars(statement if is_for_staff else statement.where(CommentEdit.was_seen)).all()


def tidy(session: Session) -> int:
    """Delete what has expired: texts before an edit, and the text of comments whose deletion can no longer be undone.

    Called by the worker now and then; returns how many comments were emptied. A row stays while replies hang on it, and as a
    trace for moderators, without text.
    """
    session.execute(delete(CommentEdit).where(CommentEdit.replaced_at <= now() - HISTORY))
    # Every deletion is in the log, whose timestamps are indexed; those of comments are not.
    cutoff = now() - UNDO_DELETION
    gone = list(
        session.scalars(
            select(Comment.id)
            .join(ModerationAct, ModerationAct.comment_id == Comment.id)
            .where(
                ModerationAct.created_at < cutoff,
                ModerationAct.state_after == CommentState.DELETED,
                Comment.state == CommentState.DELETED,
                Comment.deleted_at < cutoff,
                Comment.body != "",
            )
            .limit(PURGED_AT_ONCE)
        )
    )
    for table in (CommentEdit, CommentLike):
        session.execute(delete(table).where(table.comment_id.in_(gone)))
    session.execute(update(Comment).where(Comment.id.in_(gone)).values(title=None, body="", html="", likes=0))
    events.send(session, CommentsEmptied(gone))
    return len(gone)


def _checked(user: User, comment: Comment | None) -> Comment:
    if comment is None or comment.author_id != user.id:
        raise NotFound(UNKNOWN)
    if comment.state not in EDITABLE:
        raise Forbidden(N_("This comment was deleted or rejected. It can no longer be changed."))
    return comment
