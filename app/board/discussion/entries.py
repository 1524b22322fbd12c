"""From rows of a listing to the entries that templates show. Every name goes through `public_name` here."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from markupsafe import Markup
from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.accounts.models import STAFF, User
from app.accounts.names import public_name
from app.board.discussion.cursors import Cursor, Order
from app.board.discussion.listing import FIRST_REPLIES
from app.board.discussion.pages import CommentEntry
from app.board.models import Comment, CommentState
from app.board.text.mentions import Names, html_with_names, ids_in_html, names_of

Rows = Sequence[Row[Any]]


def entries_of(session: Session, rows: Rows, reader_id: UUID | None) -> list[CommentEntry]:
    """One entry per comment, in no order. Costs a statement only if somebody is mentioned."""
    found = [row for row in rows if row.id is not None]
    mentions = names_of(session, ids_in_html([row.html for row in found]))
    return [
        _entry(
            row,
            row,
            reader_id,
            mentions,
            answers=_answered(row),
            is_liked=row.is_liked,
            is_muted=row.is_muted,
        )
        for row in found
    ]


def new_entry(session: Session, comment: Comment, author: User) -> CommentEntry:
    """The entry of a comment just written by `author`, without a query: not for replies to replies."""
    mentions = names_of(session, ids_in_html([comment.html]))
    return _entry(comment, author, author.id, mentions)


def in_threads(entries: Iterable[CommentEntry], order: Order) -> list[CommentEntry]:
    """The top-level comments, in order, each with its first replies."""
    by_parent: dict[UUID, list[CommentEntry]] = {}
    tops = []
    for entry in entries:
        if entry.parent_id is None:
            tops.append(entry)
        else:
            by_parent.setdefault(entry.parent_id, []).append(entry)
    return [
        with_replies(top, by_parent.get(top.id, []), FIRST_REPLIES)
        for top in sorted(tops, key=lambda entry: _sort_key(entry, order), reverse=True)
    ]


def with_replies(top: CommentEntry, replies: list[CommentEntry], most: int) -> CommentEntry:
    """The comment with at most `most` of `replies`, and a link to more if there are any."""
    ordered = sorted(replies, key=lambda entry: (not entry.is_answer, entry.created_at, entry.id))
    shown, has_more = ordered[:most], len(ordered) > most
    return replace(top, replies=shown, next_reply=shown[-1].cursor if has_more else None)


def _sort_key(entry: CommentEntry, order: Order) -> tuple[Any, ...]:
    place = Cursor.parse(entry.cursor)
    likes = place.likes if order == Order.LIKES else 0
    return place.rank, likes, place.created_at, place.id.hex


def _entry(
    comment: Comment | Row[Any],
    author: User | Row[Any],
    reader_id: UUID | None,
    mentions: Names,
    *,
    answers: str | None = None,
    is_liked: bool = False,
    is_muted: bool | None = None,
) -> CommentEntry:
    """`author` has the name, role and shows_name of the comment's author; a row of the listing has both."""
    is_own = comment.author_id is not None and comment.author_id == reader_id
    is_hidden = comment.state != CommentState.VISIBLE and not (
        is_own and comment.state in {CommentState.PENDING, CommentState.WITHHELD}
    )
    name = _name(comment.author_id, comment.imported_name, author.name, author.role, author.shows_name)
    return CommentEntry(
        id=comment.id,
        parent_id=comment.parent_id,
        name="" if is_hidden else name,
        author_id=None if is_hidden else comment.author_id,
        is_staff=not is_hidden and author.role in STAFF,
        title="" if is_hidden else comment.title or "",
        html=Markup("") if is_hidden else Markup(html_with_names(comment.html, mentions)),
        state=comment.state,
        is_featured=comment.is_featured,
        is_pinned=comment.is_pinned,
        is_answer=comment.is_answer,
        likes=comment.likes,
        reply_count=comment.replies,
        created_at=comment.created_at,
        edited_at=comment.edited_at,
        answers=answers,
        is_liked=bool(is_liked),
        following="none" if is_muted is None else "mute" if is_muted else "follow",
        is_own=is_own,
        is_imported=comment.imported_name is not None,
        cursor=str(Cursor.of(comment)),
    )


def _answered(row: Row[Any]) -> str | None:
    """The name of the author whom a reply to a reply answers."""
    if row.reply_to_id is None:
        return None
    return _name(
        row.answered_id,
        row.answered_imported_name,
        row.answered_name,
        row.answered_role,
        row.answered_shows_name,
    )


def _name(
    user_id: UUID | None,
    imported_name: str | None,
    name: str | None,
    role: str | None,
    shows_name: bool | None,
) -> str:
    if user_id is None or name is None:
        return imported_name or public_name(None)
    return _public(name, role, bool(shows_name))


@lru_cache(maxsize=4096)
def _public(name: str, role: str | None, shows_name: bool) -> str:
    return public_name(User(name=name, role=role, shows_name=shows_name))
