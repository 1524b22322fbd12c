"""A page of comments in one statement: top-level comments, the first replies of each, authors, likes, the draft.

Pagination is by key, never by offset. Each statement is built once; building takes longer than running it.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    CompoundSelect,
    Integer,
    Row,
    Select,
    String,
    Subquery,
    Uuid,
    and_,
    bindparam,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    tuple_,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from app.accounts.models import User
from app.board.discussion.cursors import Cursor, Order
from app.board.models import Comment, CommentDraft, CommentFollow, CommentLike, CommentState, Thread
from app.core.db import UtcDateTime

FIRST_REPLIES = 3

_thread = bindparam("thread", type_=Uuid())
_reader = bindparam("reader", type_=Uuid())
# A row without a comment comes first, so that the thread's count and the draft are always returned.
_BASE = select(type_coerce(null(), Uuid()).label("id"), true().label("is_base"))


def first_level(
    session: Session,
    thread_id: UUID,
    reader_id: UUID | None,
    order: Order,
    *,
    limit: int,
    start: Cursor | None = None,
    includes_start: bool = False,
) -> Sequence[Row[Any]]:
    """Rows of `limit` top-level comments (and the first replies of each, one more than a page shows), from `start` on.

    The first row has no comment.
    `thread_count`, `latest` (when the thread's latest comment was written) and `draft` are in every row.
    """
    kind = "" if start is None else "from" if includes_start else "after"
    values = {"thread": thread_id, "reader": reader_id, "limit": limit, **_start_values(start)}
    return session.execute(_first_level(order, kind), values).all()


def replies(
    session: Session,
    parent_id: UUID,
    thread_id: UUID,
    reader_id: UUID | None,
    *,
    limit: int,
    start: Cursor | None = None,
    includes_start: bool = False,
) -> Sequence[Row[Any]]:
    """Rows of a comment's replies: lecturers' first, then in order of writing."""
    kind = "" if start is None else "from" if includes_start else "after"
    values = {
        "parent": parent_id,
        "thread": thread_id,
        "reader": reader_id,
        "limit": limit,
        **_start_values(start),
    }
    return session.execute(_replies(kind), values).all()


def chosen(
    session: Session, thread_id: UUID, reader_id: UUID | None, ids: Sequence[UUID]
) -> Sequence[Row[Any]]:
    """Rows of these comments of a thread, as far as the reader may see them."""
    values = {"thread": thread_id, "reader": reader_id, "ids": list(ids)}
    return session.execute(_chosen(), values).all()


def count_before(session: Session, thread_id: UUID, reader_id: UUID | None, start: Cursor, most: int) -> int:
    """Number of top-level comments before `start` by likes; counting stops at `most`."""
    ahead = (
        _shelf()
        .where(_key(Order.LIKES) > _start(Order.LIKES))
        .limit(most)
        .with_only_columns(literal(1).label("one"))
        .subquery()
    )
    values = {"thread": thread_id, "reader": reader_id, **_start_values(start)}
    return session.scalar(select(func.count()).select_from(ahead), values) or 0


def _start_values(start: Cursor | None) -> dict[str, Any]:
    if start is None:
        return {}
    return {
        "start_rank": start.rank,
        "start_likes": start.likes,
        "start_is_answer": start.is_answer,
        "start_moment": start.created_at,
        "start_id": start.id,
    }


def _key(order: Order) -> Any:
    by_likes = (Comment.likes,) if order == Order.LIKES else ()
    return tuple_(Comment.rank, *by_likes, Comment.created_at, Comment.id)


def _start(order: Order) -> Any:
    by_likes = (bindparam("start_likes", type_=Integer()),) if order == Order.LIKES else ()
    return tuple_(
        bindparam("start_rank", type_=String()),
        *by_likes,
        bindparam("start_moment", type_=UtcDateTime()),
        bindparam("start_id", type_=Uuid()),
    )


def is_shown(comment: Any = Comment) -> ColumnElement[bool]:
    """A comment that others see, or a stub with replies; one's own also while it waits for a moderator."""
    reply = aliased(Comment)
    has_own_reply = select(reply.id).where(reply.parent_id == comment.id, _is_own_waiting(reply)).exists()
    return or_(
        comment.state == CommentState.VISIBLE, comment.replies > 0, _is_own_waiting(comment), has_own_reply
    )


def _is_own_waiting(comment: Any) -> ColumnElement[bool]:
    waiting = comment.state.in_([CommentState.PENDING, CommentState.WITHHELD])
    return and_(comment.author_id == _reader, waiting)


def _shelf() -> Select[Any]:
    return select(Comment.id).where(Comment.thread_id == _thread, Comment.parent_id.is_(None), is_shown())


@lru_cache
def _first_level(order: Order, start: str) -> Select[Any]:
    statement = _shelf()
    if order == Order.UNANSWERED:
        statement = statement.where(Comment.replies == 0)
    if start:
        key, place = _key(order), _start(order)
        statement = statement.where(key <= place if start == "from" else key < place)
    by_likes = (Comment.likes.desc(),) if order == Order.LIKES else ()
    # The parent (NULL) comes first although it is the same in all rows: PostgreSQL then sees that the index has this order.
    ordered = (
        Comment.parent_id.desc(),
        Comment.rank.desc(),
        *by_likes,
        Comment.created_at.desc(),
        Comment.id.desc(),
    )
    page = statement.order_by(*ordered).limit(bindparam("limit")).subquery("page")
    # One more than is shown, to tell whether there are more.
    numbers = range(FIRST_REPLIES + 1)
    heads = select(page.c.id, *(_reply(page, number) for number in numbers)).cte("heads")
    parts = [select(heads.c.id), *(select(heads.c[f"reply_{number}"]) for number in numbers)]
    return _with_people(
        union_all(_BASE, *(part.add_columns(false()) for part in parts)).add_cte(heads, nest_here=True)
    )


def _reply(page: Subquery, number: int) -> Any:
    reply = aliased(Comment)
    return (
        select(reply.id)
        .where(reply.parent_id == page.c.id, is_shown(reply))
        .order_by(reply.is_answer.desc(), reply.created_at, reply.id)
        .limit(1)
        .offset(number)
        .scalar_subquery()
        .label(f"reply_{number}")
    )


@lru_cache
def _replies(start: str) -> Select[Any]:
    statement = select(Comment.id).where(Comment.parent_id == bindparam("parent", type_=Uuid()), is_shown())
    if start:
        place = tuple_(bindparam("start_moment", type_=UtcDateTime()), bindparam("start_id", type_=Uuid()))
        key = tuple_(Comment.created_at, Comment.id)
        answers = bindparam("start_is_answer", type_=Boolean())
        later = key >= place if start == "from" else key > place
        statement = statement.where(
            or_(and_(Comment.is_answer == answers, later), and_(answers, Comment.is_answer == false()))
        )
    ordered = (Comment.is_answer.desc(), Comment.created_at, Comment.id)
    page = statement.order_by(*ordered).limit(bindparam("limit")).subquery("page")
    return _with_people(union_all(_BASE, select(page.c.id, false())))


@lru_cache
def _chosen() -> Select[Any]:
    ids = bindparam("ids", type_=Uuid(), expanding=True)
    page = select(Comment.id, false()).where(Comment.thread_id == _thread, Comment.id.in_(ids), is_shown())
    return _with_people(union_all(_BASE, page))


def _with_people(chosen_ids: CompoundSelect[Any]) -> Select[*tuple[Any, ...]]:
    """The comments with these ids, with the thread-wide values in each row."""
    ids = chosen_ids.subquery("ids")
    author, target, answered = aliased(User), aliased(Comment), aliased(User)
    liked = (
        select(CommentLike.user_id)
        .where(CommentLike.comment_id == Comment.id, CommentLike.user_id == _reader)
        .exists()
    )
    follow = select(CommentFollow.is_muted).where(
        CommentFollow.comment_id == Comment.id, CommentFollow.user_id == _reader
    )
    draft_title = select(CommentDraft.title).where(
        CommentDraft.user_id == _reader, CommentDraft.place == _thread
    )
    draft = select(CommentDraft.body).where(CommentDraft.user_id == _reader, CommentDraft.place == _thread)
    latest = (
        select(Comment.created_at).where(Comment.thread_id == _thread).order_by(Comment.created_at.desc())
    )
    count = select(Thread.comment_count).where(Thread.id == _thread)
    return (
        select(
            Comment.id, Comment.parent_id, Comment.author_id, Comment.imported_name, Comment.title, Comment.html, Comment.state,
            Comment.rank, Comment.is_featured, Comment.is_pinned, Comment.is_answer, Comment.likes, Comment.replies,
            Comment.created_at, Comment.edited_at, Comment.reply_to_id,
            author.name.label("name"), author.role.label("role"), author.shows_name.label("shows_name"),
            answered.id.label("answered_id"), answered.name.label("answered_name"), answered.role.label("answered_role"),
            answered.shows_name.label("answered_shows_name"), target.imported_name.label("answered_imported_name"),
            liked.label("is_liked"), follow.scalar_subquery().label("is_muted"),
            count.scalar_subquery().label("thread_count"),
            draft.scalar_subquery().label("draft"), draft_title.scalar_subquery().label("draft_title"),
            latest.limit(1).correlate(None).scalar_subquery().label("latest"),
        )
        .select_from(ids)
        .outerjoin(Comment, Comment.id == ids.c.id)
        .outerjoin(author, author.id == Comment.author_id)
        .outerjoin(target, target.id == Comment.reply_to_id)
        .outerjoin(answered, answered.id == target.author_id)
        .where(or_(ids.c.is_base, ids.c.id.is_not(None)))
    )  # fmt: skip
