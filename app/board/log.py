"""What moderators and rules did: a row for every transition, with actor and reason. Written in the same transaction."""

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board.models import Comment, CommentState, ModerationAct
from app.core.i18n import N_, gettext

# The state before the first one.
NEW = "new"

# What was done, as the log says it after the name.
ACTS = {
    "approve": N_("approved"),
    "reject": N_("rejected"),
    "withhold": N_("withheld"),
    "hold": N_("sent to the moderators"),
    "feature": N_("featured"),
    "unfeature": N_("unfeatured"),
    "pin": N_("pinned"),
    "unpin": N_("unpinned"),
    "delete": N_("deleted"),
    "restore": N_("restored"),
    "undo": N_("undid a decision"),
}
# Why it was done, where nobody has to say so. To take something away needs a reason of its own.
OF_ITSELF = {
    "approve": N_("A moderator has found nothing wrong with it."),
    "feature": N_("It is worth reading for everybody."),
    "unfeature": N_("It is no longer featured."),
    "pin": N_("It should be read first."),
    "unpin": N_("It no longer needs to be read first."),
    "restore": N_("The deletion was undone."),
    "undo": N_("The decision was undone."),
}
# The act of a rule that puts a comment into a state.
BY_RULE = {CommentState.PENDING: "hold", CommentState.WITHHELD: "withhold"}


def record(
    session: Session,
    comment: Comment,
    actor: User | None,
    act: str,
    reason: str = "",
    *,
    before: str,
) -> ModerationAct:
    """Note that `actor` (None: a rule) did `act`, one of ACTS; `comment` is in its new state, `before` was the old one.

    `reason` may be empty for an act of OF_ITSELF alone.
    """
    if act not in ACTS:
        raise ValueError(f"expected one of {sorted(ACTS)}, got {act!r}")
    reason = reason or OF_ITSELF.get(act, "")
    if not reason:
        raise ValueError(f"expected a reason for {act!r}, got an empty one")
    if comment.id is None:
        session.flush()
    row = ModerationAct(
        comment_id=comment.id,
        actor_id=actor.id if actor else None,
        act=act,
        reason=reason[:500],
        state_before=before,
        state_after=comment.state,
    )
    session.add(row)
    return row


def reason_words(reason: str) -> str:
    """A stored reason in the reader's language: its first line is one of ours, what follows is a moderator's own note."""
    ours, _newline, note = reason.partition("\n")
    return " – ".join(part for part in (gettext(ours) if ours else "", note.strip()) if part)
