"""All facts needed before a comment is stored, in one statement: the round trip costs more than the query."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, String, Uuid, bindparam, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board.models import Comment, CommentDraft, Thread
from app.board.writing import spam

_comments, _threads, _drafts = Comment.__table__.c, Thread.__table__.c, CommentDraft.__table__.c
_author = bindparam("author", type_=Uuid())
_EARLIER = select(_comments.id).where(
    _comments.author_id == _author, _comments.request_key == bindparam("request_key", type_=String())
)
_has_thread = select(_threads.id).where(_threads.id == bindparam("thread", type_=Uuid())).exists()
_has_draft = (
    select(_drafts.place)
    .where(_drafts.user_id == _author, _drafts.place == bindparam("draft", type_=Uuid()))
    .exists()
)
_BEFORE_POST = select(
    _EARLIER.scalar_subquery().label("earlier_id"),
    _has_thread.label("has_thread"),
    _has_draft.label("has_draft"),
    *spam.PAST,
).where(User.__table__.c.id == _author)


def post_facts(
    session: Session, user: User, body: str, request_key: str, *, thread_id: UUID, draft_place: UUID
) -> Row[Any]:
    """`earlier_id` of the comment stored with the same `request_key`, `has_thread`, `has_draft`, and what `spam.check_new` needs."""
    values = spam.past_values(user, body) | {
        "request_key": request_key,  # stored as NULL if empty, so it then finds nothing
        "thread": thread_id,
        "draft": draft_place,
    }
    return session.connection().execute(_BEFORE_POST, values).one()


def comment_by_request(session: Session, author_id: UUID, request_key: str) -> Comment | None:
    found = session.scalar(_EARLIER, {"author": author_id, "request_key": request_key})
    return session.get_one(Comment, found) if found else None
