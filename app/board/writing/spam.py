"""Rules against spam, most of them for new users only. A rule that refuses says why beside the text, which is kept.

How the board uses them: `check_new` before a comment is stored (post_facts.py has read what it needs), `note_new` once
it is; the form carries `form_stamp`, and the route turns it back into seconds with `seconds_typed`.
"""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Row, String, Uuid, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import User, is_open
from app.board.log import BY_RULE, NEW, record
from app.board.models import Comment, CommentState, ModerationAct, beginning_of
from app.core import signing
from app.core.clock import now
from app.core.config import get_settings
from app.core.db import UtcDateTime
from app.core.errors import Forbidden, Invalid
from app.core.i18n import N_
from app.core.i18n import gettext as _

BETWEEN_COMMENTS = timedelta(seconds=30)
DAY_ONE = timedelta(days=1)
REPLIES_ON_DAY_ONE = 10
LINKS = 2
SAME_TEXT = timedelta(minutes=5)
# For the first 15 minutes an edit leaves no timestamp (see `SILENT` in editing.py): a comment written then may have this text
# since.
SAME_TEXT_EDITED = timedelta(minutes=20)
FIRST_POST_SECONDS = 3.0
# If enough of an author's last DECIDED comments were rejected, the next one is checked before anyone sees it.
DECIDED = 10
REJECTED = 3
# Links in a comment's HTML, and plain text that reads as an address. An address ends where another script begins, as in
# bare_links.py: addresses separated by Chinese are several.
_ADDRESS = re.compile(
    r"""<a\b[^>]*?\shref="([^"]*)"|(?<![a-z0-9./@-])(www\.(?:(?![<>()\[\]"'])[!-~])+)""", re.IGNORECASE
)
_ORIGIN = re.compile(r"https?://[^/?#]*", re.IGNORECASE)

# What the rules know about an author: a row with the columns PAST.
Past = Row[Any]

# Why a comment was not shown at once, for its author and the moderators.
REASONS = {
    CommentState.PENDING: N_(
        "This author's comments have often been rejected, so new ones are reviewed first."
    ),
    CommentState.WITHHELD: N_("A first comment sent within 3 seconds."),
}


# Built once: that takes longer than running them.
_comments, _users, _acts = Comment.__table__.c, User.__table__.c, ModerationAct.__table__.c
_author = bindparam("author", type_=Uuid())
_is_own = _comments.author_id == _author
_since = bindparam("since", type_=UtcDateTime())
_body = bindparam("body", type_=String())
_same = select(_comments.id).where(
    _is_own,
    beginning_of(_comments.body) == beginning_of(_body),
    # Not "=": SQLite would then substitute the new text for `body` above, too, and no longer use the index.
    _comments.body.is_not_distinct_from(_body),
    or_(_comments.created_at > _since, _comments.edited_at > _since),
    _comments.id.is_distinct_from(bindparam("edited", type_=Uuid())),
)
_latest = select(func.max(_comments.created_at)).where(_is_own)
_was_deleted_by_others = (
    select(_acts.actor_id.is_distinct_from(_author))
    .where(_acts.comment_id == _comments.id, _acts.state_after == CommentState.DELETED)
    .order_by(_acts.created_at.desc())
    .limit(1)
    .correlate(Comment.__table__)
    .scalar_subquery()
)
# A deletion by somebody other than the author counts as a rejection; by the author it counts as nothing, unless already
# rejected.
_was_rejected = or_(
    _comments.state == CommentState.REJECTED,
    and_(
        _comments.state == CommentState.DELETED,
        or_(_comments.state_before == CommentState.REJECTED, _was_deleted_by_others),
    ),
)
_decided = (
    select(_was_rejected.label("was_rejected"))
    .where(_is_own, or_(_comments.state == CommentState.VISIBLE, _was_rejected))
    .order_by(_comments.created_at.desc())
    .limit(DECIDED)
    .subquery()
)
_standing = (
    select(_comments.id)
    .where(_is_own, _comments.state == CommentState.VISIBLE)
    .limit(bindparam("enough", type_=Integer()))
    .subquery()
)
# Input of `check_new`: columns of a statement about the user `author`, with the values of `past_values`.
PAST = (
    (~is_open(_users)).label("is_suspended"),
    # Within SAME_TEXT, excluding the comment being edited.
    _same.exists().label("has_said_so"),
    # When the author last wrote; None for a first comment.
    _latest.scalar_subquery().label("latest"),
    # Rejections among the last DECIDED decided comments; a visible comment counts as decided.
    select(func.count()).where(_decided.c.was_rejected).scalar_subquery().label("rejected"),
    # Visible comments; counting stops at a member's threshold.
    select(func.count()).select_from(_standing).scalar_subquery().label("standing"),
)
_PAST = select(*PAST).where(_users.id == _author)
_REPLIES = select(func.count(_comments.id)).where(
    _comments.author_id == _author, _comments.parent_id.is_not(None)
)


def check_new(
    session: Session,
    user: User,
    past: Past,
    html: str,
    typed_seconds: float,
    *,
    is_reply: bool = False,
) -> CommentState:
    """The initial state of a new comment by `user`; call it in the transaction that stores it, with the author's row locked.

    `past` as read in that transaction, see PAST; `html` as it will be stored; `typed_seconds` between rendering the form and
    sending it. Raises Invalid with a message for `body` if a rule refuses it, and Forbidden if the account was suspended
    meanwhile.
    """
    if past.is_suspended:
        raise Forbidden(N_("This account is suspended. It can read, but not write."))
    _check_same(past)
    if is_new(user, past):
        _check_pace(past.latest)
        _check_links(html)
        if is_reply:
            _check_replies(session, user)
    if is_checked_first(past):
        return CommentState.PENDING
    if is_new(user, past) and past.latest is None and typed_seconds < FIRST_POST_SECONDS:
        return CommentState.WITHHELD
    return CommentState.VISIBLE


def note_new(session: Session, comment: Comment) -> None:
    """Log why a comment that has just been stored is not shown at once; nothing for one that is."""
    state = CommentState(comment.state)
    if state in REASONS:
        record(session, comment, None, BY_RULE[state], REASONS[state], before=NEW)


def check_edit(session: Session, user: User, comment: Comment, body: str, html: str) -> bool:
    """Whether an edit to `body` must be reviewed before it is shown. Raises Invalid as `check_new` does."""
    values = past_values(user, body, edited_id=comment.id)
    past = session.connection().execute(_PAST, values).one()
    _check_same(past)
    if is_new(user, past):
        _check_links(html)
    return is_checked_first(past)


def is_new(user: User, past: Past) -> bool:
    """Whether the limits for new users apply: an account younger than a day, or fewer than three visible comments."""
    if user.is_staff:
        return False
    settings = get_settings()
    is_young = now() - user.created_at < timedelta(hours=settings.new_user_hours)
    return is_young or past.standing < settings.new_user_comments


def is_checked_first(past: Past) -> bool:
    """Whether the author's comments wait for a moderator: 3 of the last 10 decided ones were rejected."""
    return past.rejected >= REJECTED


def past_values(user: User, body: str, edited_id: UUID | None = None) -> dict[str, Any]:
    """Parameters of PAST; `edited_id` is the comment that is to say `body`, None for a new one."""
    return {
        "author": user.id,
        "body": body,
        "edited": edited_id,
        "since": now() - (SAME_TEXT_EDITED if edited_id else SAME_TEXT),
        "enough": get_settings().new_user_comments,
    }


def count_links(html: str) -> int:
    """Number of distinct external addresses in a comment's HTML."""
    own = _origin(get_settings().public_url)
    found = {href or name for href, name in _ADDRESS.findall(html)}
    return sum(not address.startswith(("/", "#")) and _origin(address) != own for address in found)


def form_stamp(user: User) -> str:
    """A hidden field of the form: when it was rendered, signed, so that nobody can pretend to have typed longer."""
    moment = f"{now().timestamp():.3f}"
    return f"{moment}.{_signature(user, moment)}"


def seconds_typed(user: User, stamp: str) -> float:
    """Between rendering the form and now; 0 for a stamp that is missing, forged or another user's."""
    moment, _dot, signature = stamp.rpartition(".")
    if not signing.is_same(signature, _signature(user, moment)):
        return 0.0
    return max(0.0, now().timestamp() - float(moment))


def _signature(user: User, moment: str) -> str:
    return signing.signature(f"comment form|{user.id}|{moment}").hex()


def _origin(address: str) -> str:
    """Scheme, host and port as written; userinfo before an @ makes it external. Empty if it is not a web address."""
    found = _ORIGIN.match(address)
    return found[0].lower() if found else ""


def _check_same(past: Past) -> None:
    if past.has_said_so:
        raise _refused(_("You have just posted exactly this. Wait five minutes, or put it in other words."))


def _check_pace(latest: datetime | None) -> None:
    if latest and (passed := now() - latest) < BETWEEN_COMMENTS:
        seconds = max(1, round((BETWEEN_COMMENTS - passed).total_seconds()))
        raise _refused(
            _(
                "As a new member you can post one comment every 30 seconds. Please wait another {seconds} seconds."
            ).format(seconds=seconds)
        )


def _check_links(html: str) -> None:
    if count_links(html) > LINKS:
        raise _refused(_("As a new member you can put at most two links into a comment. Please remove some."))


def _check_replies(session: Session, user: User) -> None:
    if now() - user.created_at >= DAY_ONE:
        return
    if (session.scalar(_REPLIES, {"author": user.id}) or 0) >= REPLIES_ON_DAY_ONE:
        raise _refused(_("You can write ten replies on your first day, and more tomorrow."))


def _refused(sentence: str) -> Invalid:
    return Invalid({"body": sentence})
