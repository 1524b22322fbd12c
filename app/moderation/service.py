"""Moderators' decisions, readers' reports, and undoing decisions. Nothing here commits."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board import marks
from app.board.events import CommentWaits
from app.board.models import Comment, CommentState, ModerationAct
from app.board.places import find_place
from app.board.queries import comment_with_thread
from app.board.states import UNKNOWN, check_reason, get_comment, is_gone, move, readable_comment
from app.core import events
from app.core.clock import now
from app.core.errors import Conflict, Forbidden, NotFound
from app.core.i18n import N_
from app.moderation import queries

# Reports by different readers after which a comment is withheld until a moderator decides.
REPORTS_THAT_WITHHOLD = 3
MANY_REPORTS = N_("Several readers have reported it.")
OWN = N_("This is your own comment: you can change or delete it.")
QUICKER = N_("Somebody else has just dealt with this comment. Reload the page to see how.")
DECIDED_SINCE = N_("Somebody else has just dealt with this comment. This is its state now.")
REWRITTEN = N_("Its author has just changed this comment. This is what it says now.")


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
    """A decision with its reason, on what the moderator saw: `as_seen` of the comment, and its reports.

    `reported_until` is when the latest of those was written, None if there were none.
    """

    decision: Decision
    reason: str
    seen: str
    reported_until: datetime | None = None


def as_seen(comment: Comment) -> str:
    """A digest of state and text: a decision applies only to these."""
    return f"{comment.state}.{sha256(comment.body.encode()).hexdigest()[:16]}"


def reportable_comment(session: Session, user: User, comment_id: UUID) -> tuple[Comment, bool]:
    """A comment that this reader may report, and whether they have done so (then also while it is withheld).

    Raises Forbidden for one's own, NotFound for one that the reader may not see.
    """
    is_reported = queries.has_reported(session, comment_id, user.id)
    comment = comment_with_thread(session, comment_id) if is_reported else None
    comment = comment or readable_comment(session, user, comment_id)
    if comment.author_id == user.id:
        raise Forbidden(OWN)
    return comment, is_reported


def decide(session: Session, staff: User, comment_id: UUID, verdict: Verdict) -> ModerationAct:
    """Carry out a moderator's decision, which settles the reports that the moderator saw.

    Raises Invalid if something is taken away without a reason, Conflict if the comment has changed since it was seen.
    Then nothing is changed.
    """
    decision = verdict.decision
    if decision in TAKING_AWAY:
        check_reason(verdict.reason)
    comment = get_comment(session, comment_id)
    is_settling = _check_seen(session, comment, verdict)
    is_changing = STATE_AFTER[decision] != comment.state
    is_featuring = decision == Decision.FEATURE and not comment.is_featured
    if not (is_changing or is_settling or is_featuring):
        raise Conflict(DECIDED_SINCE)
    moment = now()
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
    """Undo one's own decision with all its effects: state, settled reports, featuring.

    Raises NotFound for anything else, Conflict if somebody else has acted on the comment since.
    """
    acts = queries.decision_of(session, staff.id, act_id, list(Decision))
    if not acts or acts[0].comment_id is None:
        raise NotFound(N_("You have no such decision to undo."))
    comment = get_comment(session, acts[0].comment_id)
    is_newest = not queries.was_touched_since(session, comment.id, acts[0].created_at, staff.id)
    if comment.state != acts[0].state_after or is_gone(comment) or not is_newest:
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
    """One per reader and comment; idempotent.

    Three reports withhold a comment until a moderator decides; a lecturer's comment stays visible meanwhile.
    Raises Forbidden for one's own comment, NotFound for one that readers do not see.
    """
    comment = get_comment(session, comment_id)
    find_place(session, user, comment.thread.key)
    if comment.author_id == user.id:
        raise Forbidden(OWN)
    if comment.state == CommentState.WITHHELD and queries.has_reported(session, comment.id, user.id):
        return comment
    if comment.state != CommentState.VISIBLE:
        raise NotFound(UNKNOWN)
    is_first = not queries.has_reported(session, comment.id, user.id)
    queries.add_report(session, comment.id, user.id, reason, note)
    if is_first:
        events.send(session, CommentWaits(comment=comment, is_new=True))
    is_enough = queries.count_open_reports(session, comment.id) >= REPORTS_THAT_WITHHOLD
    if is_enough and not (comment.author and comment.author.is_staff):
        move(session, None, comment, CommentState.WITHHELD, Decision.WITHHOLD, MANY_REPORTS)
    return comment


def _check_seen(session: Session, comment: Comment, verdict: Verdict) -> bool:
    """Whether reports that the moderator saw are still open. Raises Conflict if the comment has changed since it was seen."""
    if comment.state == CommentState.DELETED or not verdict.seen.startswith(f"{comment.state}."):
        raise Conflict(DECIDED_SINCE)
    if verdict.seen != as_seen(comment):
        raise Conflict(REWRITTEN)
    if verdict.reported_until is None:
        return False
    if not queries.count_open_reports(session, comment.id, verdict.reported_until):
        raise Conflict(DECIDED_SINCE)
    return True
