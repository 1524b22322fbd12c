"""Rules against spam, most of them for new users only. A rule that refuses says so in a sentence at the text, which is kept.

How the board uses them: `check_new` before a comment is stored, `note_new` once it is; the form carries `form_stamp`, and the
route turns it back into seconds with `seconds_typed`.
"""

import hmac
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, String, Uuid, bindparam, func, select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.board.models import Comment, CommentState
from app.board.moderation_log import BY_RULE, NEW, record
from app.clock import now
from app.config import get_settings
from app.db import UtcDateTime
from app.errors import Forbidden, Invalid
from app.i18n import N_
from app.i18n import gettext as _

BETWEEN_COMMENTS = timedelta(seconds=30)
DAY_ONE = timedelta(days=1)
REPLIES_ON_DAY_ONE = 10
LINKS = 2
SAME_TEXT = timedelta(minutes=5)
FIRST_POST_SECONDS = 3.0
# An author of whose last DECIDED comments so many were rejected is checked before anyone sees the next one.
DECIDED = 10
REJECTED = 3
# What is looked at of an author's past, newest first.
_HISTORY = 20
# An address ends where another script begins, as in bare_links.py: addresses with Chinese between them are several.
_LINK = re.compile(
    r"""(?:(?:https?|ftp)://|\bwww\.|(?<=\]\()\s*//)(?:(?:(?![<>()\[\]"'])[!-~])+|[^\s<>()\[\]"']+)""", re.I
)

# The states of an author's latest comments, newest first; a deleted comment counts as what it was.
Past = Sequence[str]

# Why a comment was not shown at once, as its author and the moderators read it.
REASONS = {
    CommentState.PENDING: N_(
        "Comments of this author have often been rejected, so new ones are looked at first."
    ),
    CommentState.WITHHELD: N_("A first comment that was sent within 3 seconds."),
}


# Put together once: that takes longer than to run them.
_comments, _users = Comment.__table__.c, User.__table__.c
_author = bindparam("author", type_=Uuid())
# As many as one can write in five minutes (see `write_limit` in routes.py).
_lately = (
    select(_comments.created_at, _comments.body)
    .where(_comments.author_id == _author)
    .order_by(_comments.created_at.desc())
    .limit(150)
    .subquery()
)
_same = select(_lately.c.body).where(
    _lately.c.created_at > bindparam("since", type_=UtcDateTime()),
    _lately.c.body == bindparam("body", type_=String()),
)
_latest = select(func.max(_comments.created_at)).where(_comments.author_id == _author)
_STANDING = select(
    _users.disabled_at.is_not(None).label("is_suspended"),
    _same.exists().label("has_said_so"),
    _latest.scalar_subquery().label("latest"),
).where(_users.id == _author)
_PAST = (
    select(func.coalesce(_comments.state_before, _comments.state))
    .where(_comments.author_id == _author)
    .order_by(_comments.created_at.desc())
    .limit(_HISTORY)
)
_REPLIES = select(func.count(_comments.id)).where(
    _comments.author_id == _author, _comments.parent_id.is_not(None)
)


def check_new(
    session: Session,
    user: User,
    body: str,
    typed_seconds: float,
    *,
    is_reply: bool = False,
) -> CommentState:
    """The state in which a new comment of `user` starts; call it in the transaction that stores it, with the author's row locked.

    `body` as it will be stored; `typed_seconds` between the form's drawing and its sending. Raises Invalid with a sentence
    for `body` where a rule refuses, and Forbidden where the account was suspended meanwhile.
    """
    standing = _standing(session, user, body)
    if standing.is_suspended:
        raise Forbidden(N_("This account is suspended. It can read, but not write."))
    past = _past(session, user)
    if standing.has_said_so:
        raise _refused(_("You have just written exactly this. Wait five minutes, or say it in other words."))
    if is_new(user, past):
        _check_pace(standing.latest)
        _check_links(body)
        if is_reply:
            _check_replies(session, user)
    if is_checked_first(past):
        return CommentState.PENDING
    if is_new(user, past) and not past and typed_seconds < FIRST_POST_SECONDS:
        return CommentState.WITHHELD
    return CommentState.VISIBLE


def note_new(session: Session, comment: Comment) -> None:
    """Write down why a comment that has just been stored is not shown at once; nothing for one that is."""
    state = CommentState(comment.state)
    if state in REASONS:
        record(session, comment, None, BY_RULE[state], REASONS[state], before=NEW)


def check_edit(session: Session, user: User, body: str) -> bool:
    """Whether a changed comment has to be looked at before it is seen again. Raises Invalid for too many links."""
    past = _past(session, user)
    if is_new(user, past):
        _check_links(body)
    return is_checked_first(past)


def is_new(user: User, past: Past) -> bool:
    """Whether the limits for new users hold: an account younger than a day, or fewer than three comments that stand."""
    if user.role in {Role.LECTURER, Role.ADMIN}:
        return False
    settings = get_settings()
    is_young = now() - user.created_at < timedelta(hours=settings.new_user_hours)
    shown = past.count(CommentState.VISIBLE)
    return is_young or shown < settings.new_user_comments


def is_checked_first(past: Past) -> bool:
    """Whether the author's comments wait for a moderator: 3 of the last 10 that were decided were rejected."""
    decided = [state for state in past if state in {CommentState.VISIBLE, CommentState.REJECTED}]
    return decided[:DECIDED].count(CommentState.REJECTED) >= REJECTED


def count_links(body: str) -> int:
    """Different addresses outside of this site."""
    own = get_settings().public_url
    return len({link for link in _LINK.findall(body) if not link.startswith(own)})


def form_stamp(user: User) -> str:
    """For a hidden field of the form: when it was drawn, signed, so that nobody can say that they typed longer."""
    moment = f"{now().timestamp():.3f}"
    return f"{moment}.{_signature(user, moment)}"


def seconds_typed(user: User, stamp: str) -> float:
    """Between the form's drawing and now; 0 for a stamp that is missing, forged or somebody else's."""
    moment, _dot, signature = stamp.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _signature(user, moment).encode()):
        return 0.0
    return max(0.0, now().timestamp() - float(moment))


def _signature(user: User, moment: str) -> str:
    message = f"comment form|{user.id}|{moment}".encode()
    return hmac.digest(get_settings().secret_key.encode(), message, "sha256").hex()


def _standing(session: Session, user: User, body: str) -> Row[Any]:
    """Whether the account is suspended by now, whether it has written the same within five minutes, when it wrote last."""
    values = {"author": user.id, "body": body, "since": now() - SAME_TEXT}
    return session.connection().execute(_STANDING, values).one()


def _past(session: Session, user: User) -> Past:
    return session.connection().execute(_PAST, {"author": user.id}).scalars().all()


def _check_pace(latest: datetime | None) -> None:
    if latest and (passed := now() - latest) < BETWEEN_COMMENTS:
        seconds = max(1, round((BETWEEN_COMMENTS - passed).total_seconds()))
        raise _refused(
            _("As a new member you can write one comment in 30 seconds. {seconds} seconds to go.").format(
                seconds=seconds
            )
        )


def _check_links(body: str) -> None:
    if count_links(body) > LINKS:
        raise _refused(_("As a new member you can put two links into a comment. Please leave some out."))


def _check_replies(session: Session, user: User) -> None:
    if now() - user.created_at >= DAY_ONE:
        return
    if (session.scalar(_REPLIES, {"author": user.id}) or 0) >= REPLIES_ON_DAY_ONE:
        raise _refused(_("Ten replies are all for your first day. You can write more of them tomorrow."))


def _refused(sentence: str) -> Invalid:
    return Invalid({"body": sentence})
