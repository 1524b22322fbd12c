"""What moderators decide about comments, what readers report, what authors delete, and how it is taken back. Nothing here commits."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from sqlalchemy.orm import Session

from app import signals
from app.accounts.models import Role, User
from app.board import marks
from app.board import moderation_queries as queries
from app.board.counters import change_state
from app.board.models import Comment, CommentState, ModerationAct
from app.board.moderation_log import record
from app.board.places import find_place
from app.board.queries import comment_with_thread
from app.clock import now
from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.i18n import N_
from app.i18n import gettext as _

# So many readers have to report a comment before it is withheld until a moderator decides.
REPORTS_THAT_WITHHOLD = 3
UNDO_DELETION = timedelta(days=30)

# Why a comment is reported or rejected: moderators and the author read it.
REASONS = {
    "spam": N_("advertising or spam"),
    "unkind": N_("unkind or insulting"),
    "personal": N_("somebody's personal data"),
    "off-topic": N_("does not belong in this place"),
    "other": N_("something else"),
}
MANY_REPORTS = N_("Several readers have reported it.")
OWN = N_("This is your own comment: you can change or delete it.")
UNKNOWN = N_("There is no such comment.")
QUICKER = N_("Somebody else has just decided about this comment. Reload the page to see how.")
DECIDED_SINCE = N_("Somebody else has just decided about this comment. This is how it stands now.")
REWRITTEN = N_("Its author has just changed this comment. This is what it says now.")
BY_AUTHOR = N_("Its author has taken it away.")


class Decision(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    WITHHOLD = "withhold"
    FEATURE = "feature"
    DELETE = "delete"


STATE_AFTER = {
    Decision.APPROVE: CommentState.VISIBLE,
    Decision.REJECT: CommentState.REJECTED,
    Decision.WITHHOLD: CommentState.WITHHELD,
    Decision.FEATURE: CommentState.VISIBLE,
    Decision.DELETE: CommentState.DELETED,
}


TAKING_AWAY = {Decision.REJECT, Decision.WITHHOLD, Decision.DELETE}


@dataclass(frozen=True)
class Verdict:
    """A decision with its reason, about what the moderator saw: `as_seen` of the comment, and its reports.

    `reported_until` is when the latest of those was written, None where there were none.
    """

    decision: Decision
    reason: str
    seen: str
    reported_until: datetime | None = None


def as_seen(comment: Comment) -> str:
    """Its state and its text, in short: a decision holds for these alone."""
    return f"{comment.state}.{sha256(comment.body.encode()).hexdigest()[:16]}"


def is_staff(user: User | None) -> bool:
    return user is not None and user.role in {Role.LECTURER, Role.ADMIN}


def readable_comment(session: Session, user: User | None, comment_id: UUID) -> Comment:
    """A comment, with its author and thread, that this reader (None: a visitor) may see. Raises NotFound."""
    comment = comment_with_thread(session, comment_id)
    if comment is None:
        raise NotFound(UNKNOWN)
    if not is_staff(user):
        find_place(session, user, comment.thread.key)
        is_own = user is not None and comment.author_id == user.id
        if comment.state != CommentState.VISIBLE and not is_own:
            raise NotFound(UNKNOWN)
    return comment


def reportable_comment(session: Session, user: User, comment_id: UUID) -> tuple[Comment, bool]:
    """A comment that this reader may report, and whether that has happened (then also while it is withheld).

    Raises Forbidden for one's own, NotFound for one that the reader may not see.
    """
    is_reported = queries.has_reported(session, comment_id, user.id)
    comment = comment_with_thread(session, comment_id) if is_reported else None
    comment = comment or readable_comment(session, user, comment_id)
    if comment.author_id == user.id:
        raise Forbidden(OWN)
    return comment, is_reported


def get_comment(session: Session, comment_id: UUID) -> Comment:
    """A comment with its author and thread, its row locked. Raises NotFound."""
    comment = queries.comment_locked(session, comment_id)
    if comment is None:
        raise NotFound(UNKNOWN)
    return comment


def decide(session: Session, staff: User, comment_id: UUID, verdict: Verdict) -> ModerationAct:
    """Carry out a moderator's decision, which settles the reports that the moderator saw.

    Raises Invalid where something is taken away without a reason, Conflict where the comment is not what was seen any more.
    Nothing is changed then.
    """
    decision = verdict.decision
    if decision in TAKING_AWAY:
        _check_reason(verdict.reason)
    comment = get_comment(session, comment_id)
    is_settling = _check_seen(session, comment, verdict)
    is_changing = STATE_AFTER[decision] != comment.state
    is_featuring = decision == Decision.FEATURE and not comment.is_featured
    if not (is_changing or is_settling or is_featuring):
        raise Conflict(DECIDED_SINCE)
    moment, act = now(), None
    if verdict.reported_until:
        queries.settle_reports(session, comment.id, verdict.reported_until, moment)
    if is_changing or is_settling:
        word = Decision.APPROVE if decision == Decision.FEATURE else decision
        act = move(session, staff, comment, STATE_AFTER[decision], word, verdict.reason, moment)
    if is_featuring:
        marks.feature(session, staff, comment)
        act = queries.last_featuring(session, comment.id, staff.id)
        act.created_at = moment
    return act


def undo(session: Session, staff: User, act_id: UUID) -> Comment:
    """Take back a decision of one's own with all that it did: state, settled reports, featuring.

    Raises NotFound for anything else, Conflict where somebody else has done something to the comment since.
    """
    acts = queries.decision_of(session, staff.id, act_id, list(Decision))
    if not acts or acts[0].comment_id is None:
        raise NotFound(N_("There is no such decision of yours that could be taken back."))
    comment = get_comment(session, acts[0].comment_id)
    is_newest = not queries.was_touched_since(session, comment.id, acts[0].created_at, staff.id)
    if comment.state != acts[0].state_after or _is_gone(comment) or not is_newest:
        raise Conflict(QUICKER)
    moment = now()
    for act in acts:
        act.undone_at = moment
        if act.act == Decision.FEATURE:
            marks.feature(session, staff, comment, False)
        else:
            queries.reopen_reports(session, comment.id, act.created_at)
            move(session, staff, comment, CommentState(act.state_before), "undo")
    return comment


def report(session: Session, user: User, comment_id: UUID, reason: str, note: str) -> Comment:
    """Once a reader and comment; the same again changes nothing.

    Three readers withhold a comment until a moderator decides; a lecturer's waits for the decision where it is.
    Raises Forbidden for one's own comment, NotFound for one that readers do not see.
    """
    comment = get_comment(session, comment_id)
    find_place(session, user, comment.thread.key)
    if comment.author_id == user.id:
        raise Forbidden(OWN)
    if comment.state == CommentState.WITHHELD:
        return comment
    if comment.state != CommentState.VISIBLE:
        raise NotFound(UNKNOWN)
    queries.add_report(session, comment.id, user.id, reason, note)
    is_enough = queries.count_open_reports(session, comment.id) >= REPORTS_THAT_WITHHOLD
    if is_enough and not is_staff(comment.author):
        move(session, None, comment, CommentState.WITHHELD, Decision.WITHHOLD, MANY_REPORTS)
    return comment


def delete(session: Session, user: User, comment_id: UUID, reason: str = "") -> Comment:
    """By its author or a moderator; harmless when it is deleted already.

    Raises NotFound where the reader may not see it, Forbidden for others, Invalid for a moderator without a reason.
    """
    comment = get_comment(session, comment_id)
    readable_comment(session, user, comment_id)
    is_own = comment.author_id == user.id
    if not is_own and not is_staff(user):
        raise Forbidden
    if comment.state == CommentState.DELETED:
        return comment
    if not is_own:
        _check_reason(reason)
    move(session, user, comment, CommentState.DELETED, "delete", BY_AUTHOR if is_own else reason)
    return comment


def restore(session: Session, user: User, comment_id: UUID) -> Comment:
    """Bring a deleted comment back into the state it had; harmless when it is back already.

    A moderator may for any, its author for one that nobody else deleted. Raises NotFound where the reader may not see it,
    Forbidden, and Conflict after 30 days.
    """
    comment = get_comment(session, comment_id)
    readable_comment(session, user, comment_id)
    if not may_restore(session, user, comment):
        raise Forbidden(N_("A moderator has deleted this comment; only a moderator can bring it back."))
    if comment.state != CommentState.DELETED:
        return comment
    if _is_gone(comment):
        raise Conflict(N_("This comment was deleted more than 30 days ago and is gone for good."))
    move(session, user, comment, CommentState(comment.state_before or CommentState.VISIBLE), "restore")
    return comment


def may_restore(session: Session, user: User, comment: Comment) -> bool:
    if is_staff(user):
        return True
    deletion = queries.last_deletion(session, comment.id)
    return comment.author_id == user.id and (deletion is None or deletion.actor_id == user.id)


def move(
    session: Session,
    actor: User | None,
    comment: Comment,
    after: CommentState,
    act: str,
    reason: str = "",
    moment: datetime | None = None,
) -> ModerationAct:
    """Bring a comment into another state, write it down, and tell who listens: `actor` None stands for a rule."""
    before = comment.state
    is_showing = after == CommentState.VISIBLE != before
    is_first_showing = is_showing and not queries.was_seen(session, comment.id)
    change_state(session, comment, after)
    row = record(session, comment, actor, act, reason, before=before)
    row.created_at = moment or now()
    session.flush()
    if after == before:
        return row
    if actor is None or actor.id != comment.author_id:
        signals.comment_moderated.send(session, comment=comment, act=act, reason=reason)
    if is_first_showing:
        signals.comment_shown.send(session, comment=comment)
    elif is_showing:  # it may have been edited meanwhile
        signals.comment_edited.send(session, comment=comment, before="")
    return row


def _check_reason(reason: str) -> None:
    if not reason:
        raise Invalid({"reason": _("Please say why: the author reads it.")})


def _check_seen(session: Session, comment: Comment, verdict: Verdict) -> bool:
    """Whether reports that the moderator saw are still open. Raises Conflict where the comment is not what was seen any more."""
    if comment.state == CommentState.DELETED or not verdict.seen.startswith(f"{comment.state}."):
        raise Conflict(DECIDED_SINCE)
    if verdict.seen != as_seen(comment):
        raise Conflict(REWRITTEN)
    if verdict.reported_until is None:
        return False
    if not queries.count_open_reports(session, comment.id, verdict.reported_until):
        raise Conflict(DECIDED_SINCE)
    return True


def _is_gone(comment: Comment) -> bool:
    """Whether the time is over in which a deletion can be taken back."""
    return comment.deleted_at is not None and comment.deleted_at < now() - UNDO_DELETION
