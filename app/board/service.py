"""What readers do on the board: write, like, store a draft. Nothing here commits.

Others see a new comment through the event `CommentShown`, which also notifies pages watching the thread. Moderators'
decisions go through `counters.change_state`.
"""

from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, delete
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board import counters, queries
from app.board.events import CommentLiked, CommentShown, CommentWaits
from app.board.models import LONGEST_TITLE, Comment, CommentDraft, CommentLike, CommentState, Thread
from app.board.places import ThreadHost
from app.board.text.comment_html import rendered
from app.board.text.comment_text import LONGEST, checked_body, length_sentence
from app.board.text.mentions import without_names
from app.board.writing import spam
from app.board.writing.post_facts import comment_by_request, post_facts
from app.core import events
from app.core.clock import now
from app.core.db import adds_row, changed_rows, insert
from app.core.errors import Conflict, Invalid, NotFound
from app.core.i18n import N_
from app.core.i18n import gettext as _
from app.core.permissions import Permission

# Text too long for a comment is kept all the same, to be shortened.
LONGEST_DRAFT = 10 * LONGEST

_drafts = CommentDraft.__table__
_FORGET_DRAFT = delete(_drafts).where(
    _drafts.c.user_id == bindparam("user", type_=Uuid()), _drafts.c.place == bindparam("place", type_=Uuid())
)


def open_thread(session: Session, place: ThreadHost) -> UUID:
    """The id of the host's thread, which is created if nobody has written yet."""
    values = {
        "id": place.thread_id,
        "key": place.key,
        "address": place.address,
        "lesson_id": place.lesson_id,
        "job_id": place.job_id,
        "comment_count": 0,
    }
    session.execute(insert(session, Thread).values(**values).on_conflict_do_nothing())
    return place.thread_id


def post(
    session: Session,
    user: User,
    place: ThreadHost,
    body: str,
    request_key: str,
    typed_seconds: float,
    *,
    reply_to_id: UUID | None = None,
    title: str | None = None,
) -> Comment:
    """Store a comment, or return the one that this author already stored with the same `request_key` and text.

    `typed_seconds` is the time between rendering the form and now. Raises Invalid for `body` with the message that the form
    shows.
    """
    body = checked_body(body)
    html, body = rendered(body), str(body)
    queries.lock_author(session, user.id)
    thread_id, draft_place = place.thread_id, reply_to_id or place.thread_id
    known = post_facts(session, user, body, request_key, thread_id=thread_id, draft_place=draft_place)
    if known.earlier_id:
        earlier, request_key = _sent_before(session, user, known.earlier_id, request_key, body)
        if earlier is not None:
            return earlier
    if not known.has_thread:
        open_thread(session, place)
    target = _target(session, thread_id, reply_to_id) if reply_to_id else None
    comment = queries.add_comment(
        session,
        thread_id=thread_id,
        author_id=user.id,
        title=(title or None) if target is None else None,
        body=body,
        html=html,
        state=spam.check_new(session, user, known, html, typed_seconds, is_reply=target is not None),
        request_key=request_key or None,
        **_position(session, user, target),
    )
    if known.has_draft:
        forget_draft(session, user, draft_place)
    _tell_of_new(session, comment, place)
    return comment


def _tell_of_new(session: Session, comment: Comment, place: ThreadHost) -> None:
    """The counts, and whoever listens; why it waits, where it does."""
    is_visible = comment.state == CommentState.VISIBLE
    spam.note_new(session, comment)
    counters.count(session, comment, int(is_visible))
    if is_visible:
        events.send(session, CommentShown(comment=comment, place=place, is_new=True))
    else:
        events.send(session, CommentWaits(comment=comment, is_new=True))


def like(session: Session, user: User, comment_id: UUID) -> Comment:
    """Idempotent. Raises Conflict for one's own comment, NotFound for one that cannot be seen."""
    comment = queries.visible_comment(session, comment_id)
    if comment is None:
        raise NotFound
    if comment.author_id == user.id:
        raise Conflict(N_("This is your own comment; only others can like it."))
    statement = insert(session, CommentLike).values(comment_id=comment.id, user_id=user.id, created_at=now())
    if adds_row(session, statement.on_conflict_do_nothing()):
        counters.count_like(session, comment.id, 1)
        events.send(session, CommentLiked(comment=comment, by_id=user.id))
    return comment


def unlike(session: Session, user: User, comment_id: UUID) -> Comment:
    comment = session.get(Comment, comment_id)
    if comment is None:
        raise NotFound
    own = (CommentLike.comment_id == comment_id, CommentLike.user_id == user.id)
    if changed_rows(session, delete(CommentLike).where(*own)):
        counters.count_like(session, comment_id, -1)
        events.send(session, CommentLiked(comment=comment, by_id=user.id, on=False))
    return comment


def autosave_draft(
    session: Session,
    user: User,
    place: ThreadHost,
    body: str,
    request_key: str,
    *,
    reply_to_id: UUID | None = None,
    title: str = "",
) -> None:
    """Store a form's text as a draft, unless the form was sent meanwhile: this request may arrive after its comment.

    Raises Invalid if the comment that it answers is gone.
    """
    target = _target(session, place.thread_id, reply_to_id) if reply_to_id else None
    queries.lock_author(session, user.id)
    if not (request_key and comment_by_request(session, user.id, request_key)):
        keep_draft(session, user, target.id if target else place.thread_id, body, title)


def keep_draft(session: Session, user: User, place_id: UUID, body: str, title: str = "") -> None:
    """Store what was typed so far, without names in its mentions; an empty text without a title deletes the draft.

    `place_id` is the thread's id, or that of the comment answered.
    """
    body = without_names(body.replace("\0", ""))
    if not (body.strip() or title.strip()):
        return forget_draft(session, user, place_id)
    if len(body) > LONGEST_DRAFT:
        raise Invalid({"body": length_sentence(len(body))})
    statement = insert(session, CommentDraft).values(
        user_id=user.id, place=place_id, body=body, title=title[:LONGEST_TITLE] or None, updated_at=now()
    )
    renewed = {name: statement.excluded[name] for name in ("title", "body", "updated_at")}
    session.execute(statement.on_conflict_do_update(index_elements=["user_id", "place"], set_=renewed))


def forget_draft(session: Session, user: User, place_id: UUID) -> None:
    session.execute(_FORGET_DRAFT, {"user": user.id, "place": place_id})


def _sent_before(
    session: Session, user: User, earlier_id: UUID, request_key: str, body: str
) -> tuple[Comment | None, str]:
    """The comment that the same form has sent with this text, and the key under which it is stored.

    If the same form is sent from two tabs with different texts, none is lost: the second text gets a key of its own.
    """
    earlier = session.get_one(Comment, earlier_id)
    if earlier.body == body:
        return earlier, request_key
    own_key = sha256(f"{request_key}|{body}".encode()).hexdigest()[:40]
    return comment_by_request(session, user.id, own_key), own_key


def _target(session: Session, thread_id: UUID, reply_to_id: UUID) -> Comment:
    target = queries.visible_comment(session, reply_to_id)
    if target is None or target.thread_id != thread_id:
        raise Invalid(
            {
                "body": _(
                    "The comment you are replying to is gone. Your text is kept; you can copy it from here."
                )
            }
        )
    return target


def _position(session: Session, user: User, target: Comment | None) -> dict[str, Any]:
    """Two levels: a reply to a reply has the same parent as that reply, and names the author it answers."""
    if target is None:
        return {}
    parent = session.get_one(Comment, target.parent_id) if target.parent_id else target
    return {
        "parent_id": parent.id,
        "reply_to_id": target.id if target.parent_id else None,
        "is_answer": user.may(Permission.ANSWER) and parent.author_id != user.id,
    }
