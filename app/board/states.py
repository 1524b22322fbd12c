"""The states of a comment and the transitions between them. Nothing here commits."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board import queries
from app.board.counters import change_state
from app.board.events import CommentEdited, CommentModerated, CommentShown, CommentWaits
from app.board.log import record
from app.board.models import Comment, CommentState, ModerationAct
from app.board.places import find_place
from app.board.queries import comment_with_thread
from app.core import events
from app.core.clock import now
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.i18n import N_
from app.core.i18n import gettext as _

UNDO_DELETION = timedelta(days=30)


# Why a comment is reported or rejected, for moderators and its author.
REASONS = {
    "spam": N_("advertising or spam"),
    "unkind": N_("unkind or insulting"),
    "personal": N_("somebody's personal data"),
    "off-topic": N_("does not belong here"),
    "other": N_("something else"),
}


UNKNOWN = N_("There is no such comment.")


BY_AUTHOR = N_("Its author has deleted it.")


def readable_comment(session: Session, user: User | None, comment_id: UUID) -> Comment:
    """A comment, with its author and thread, that this reader (None: a visitor) may see. Raises NotFound."""
    comment = comment_with_thread(session, comment_id)
    if comment is None:
        raise NotFound(UNKNOWN)
    if user is None or not user.is_staff:
        find_place(session, user, comment.thread.key)
        is_own = user is not None and comment.author_id == user.id
        if comment.state != CommentState.VISIBLE and not is_own:
            raise NotFound(UNKNOWN)
    return comment


def get_comment(session: Session, comment_id: UUID) -> Comment:
    """A comment with its author and thread, its row locked. Raises NotFound."""
    comment = queries.comment_locked(session, comment_id)
    if comment is None:
        raise NotFound(UNKNOWN)
    return comment


def delete(session: Session, user: User, comment_id: UUID, reason: str = "") -> Comment:
    """By its author or a moderator; idempotent.

    Raises NotFound if the user may not see it, Forbidden for others, Invalid for a moderator without a reason.
    """
    comment = get_comment(session, comment_id)
    readable_comment(session, user, comment_id)
    is_own = comment.author_id == user.id
    if not is_own and not user.is_staff:
        raise Forbidden
    if comment.state == CommentState.DELETED:
        return comment
    if not is_own:
        check_reason(reason)
    move(session, user, comment, CommentState.DELETED, "delete", BY_AUTHOR if is_own else reason)
    return comment


def restore(session: Session, user: User, comment_id: UUID) -> Comment:
    """Restore a deleted comment to its previous state; idempotent.

    Moderators may restore any, authors those that nobody else deleted. Raises NotFound if the user may not see it,
    Forbidden, and Conflict after 30 days.
    """
    comment = get_comment(session, comment_id)
    readable_comment(session, user, comment_id)
    if not may_restore(session, user, comment):
        raise Forbidden(N_("A moderator has deleted this comment; only a moderator can restore it."))
    if comment.state != CommentState.DELETED:
        return comment
    if is_gone(comment):
        raise Conflict(N_("This comment was deleted more than 30 days ago and is gone for good."))
    move(session, user, comment, CommentState(comment.state_before or CommentState.VISIBLE), "restore")
    return comment


def may_restore(session: Session, user: User, comment: Comment) -> bool:
    if user.is_staff:
        return True
    deletion = queries.last_deletion(session, comment.id)
    return comment.author_id == user.id and (deletion is None or deletion.actor_id == user.id)


# Until a moderator decides.
WAITING = (CommentState.PENDING, CommentState.WITHHELD)


def move(
    session: Session,
    actor: User | None,
    comment: Comment,
    after: CommentState,
    act: str,
    reason: str = "",
    moment: datetime | None = None,
) -> ModerationAct:
    """Move a comment to another state, log it and publish the event: `actor` None stands for a rule."""
    before = comment.state
    is_showing = after == CommentState.VISIBLE != before
    is_first_showing = is_showing and not queries.was_seen(session, comment.id)
    change_state(session, comment, after)
    row = record(session, comment, actor, act, reason, before=before)
    row.created_at = moment or now()
    session.flush()
    is_new = actor is None and after != before and after in WAITING
    events.send(session, CommentWaits(comment=comment, is_new=is_new))
    if after == before:
        return row
    if actor is None or actor.id != comment.author_id:
        events.send(session, CommentModerated(comment=comment, act=act, reason=reason))
    if is_first_showing:
        events.send(session, CommentShown(comment=comment))
    elif is_showing:  # it may have been edited meanwhile
        events.send(session, CommentEdited(comment=comment, before=""))
    return row


def check_reason(reason: str) -> None:
    if not reason:
        raise Invalid({"reason": _("Please say why; the author will read it.")})


def is_gone(comment: Comment) -> bool:
    """Whether the time in which a deletion can be undone is over."""
    return comment.deleted_at is not None and comment.deleted_at < now() - UNDO_DELETION
