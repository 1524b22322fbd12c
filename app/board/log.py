"""The moderation log: a row for every transition, with actor and reason. Written in the same transaction."""

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board.models import Comment, CommentState, ModerationAct
from app.core.i18n import N_, gettext

# The state before the first one.
NEW = "new"

# The act, as the log words it after the actor's name.
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
# The reason of acts that need no explicit one. Taking something away always needs a reason of its own.
OF_ITSELF = {
    "approve": N_("A moderator has found nothing wrong with it."),
    "feature": N_("It is worth reading for everybody."),
    "unfeature": N_("It is no longer featured."),
    "pin": N_("It should be read first."),
    "unpin": N_("It no longer needs to be read first."),
    "restore": N_("The deletion was undone."),
    "undo": N_("The decision was undone."),
}
# The act logged when a rule puts a comment into a state.
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
    """Log that `actor` (None: a rule) did `act`, one of ACTS; `comment` is in its new state, `before` was the old one.

    `reason` may be empty only for acts in OF_ITSELF.
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
    """A stored reason in the reader's language: its first line is a predefined one, the rest a moderator's own note."""
    ours, _newline, note = reason.partition("\n")
    return " – ".join(part for part in (gettext(ours) if ours else "", note.strip()) if part)
