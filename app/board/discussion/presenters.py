"""Presenters of the board's pages."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from markupsafe import Markup
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.names import PublicName, public_name
from app.accounts.service import name_key
from app.board import queries
from app.board.discussion import listing
from app.board.discussion.cursors import Cursor, Order
from app.board.discussion.entries import entries_of, in_threads, new_entry, with_replies
from app.board.discussion.pages import CommentEntry, CommentForm, Discussion, Person, RepliesPage
from app.board.models import Comment, CommentState
from app.board.places import ThreadHost
from app.board.text.comment_html import rendered
from app.board.text.comment_text import bounded_body, quoted
from app.board.text.mentions import html_with_names, ids_in_html, names_of, with_names
from app.board.writing import spam
from app.core.errors import NotFound
from app.core.i18n import gettext as _
from app.core.i18n import in_language

STARTERS = 3
COMMENTS_PER_PAGE = 20
MOST_PER_PAGE = 100
REPLIES_PER_PAGE = 20
PEOPLE_OFFERED = 8


def starters(session: Session) -> list[str]:
    """Conversation starters for an empty board: the questions of the first lessons, each with its lesson's title."""
    asked = [
        (in_language(title), in_language(question))
        for title, question in queries.lesson_questions(session, 9)
    ]
    texts = [_("{question} (about “{title}”)").format(question=q, title=title) for title, q in asked if q]
    return texts[:STARTERS]


def discussion(
    session: Session,
    user: User | None,
    place: ThreadHost,
    *,
    order: Order = Order.LIKES,
    after: str = "",
    linked: UUID | None = None,
    limit: int = COMMENTS_PER_PAGE,
) -> Discussion:
    """A page of a thread's comments: the first one, the one after a cursor, or the one that begins with the comment `linked`."""
    reader = user.id if user else None
    target = _linked(session, place, linked) if linked else None
    start = Cursor.of(_top_of(session, target)) if target else Cursor.parse(after) if after else None
    rows = listing.first_level(
        session,
        place.thread_id,
        reader,
        order,
        limit=limit + 1,
        start=start,
        includes_start=target is not None,
    )
    entries = in_threads(entries_of(session, rows, reader), order)
    page = entries[:limit]
    if target is not None and target.parent_id and page and page[0].id == target.parent_id:
        page[0] = _replies_from(session, page[0], place, reader, Cursor.of(target), target)
    return Discussion(
        place=place,
        address=place.address,
        count=rows[0].thread_count or 0,
        order=order,
        entries=page,
        next=page[-1].cursor if len(entries) > limit else None,
        is_from_start=start is None,
        linked=target.id if target else None,
        form=new_form(user, place, with_names(session, rows[0].draft or ""), title=rows[0].draft_title or "")
        if user
        else None,
        latest=rows[0].latest,
    )


def new_form(
    user: User, place: ThreadHost, body: str = "", *, reply_to: CommentEntry | None = None, **more: Any
) -> CommentForm:
    values: dict[str, Any] = {"request_key": uuid4().hex, "stamp": spam.form_stamp(user)} | more
    return CommentForm(place=place, body=body, reply_to=reply_to, **values)


def reply_form(
    session: Session, user: User, comment: Comment, place: ThreadHost, *, quotes: bool
) -> CommentForm:
    """A form that answers `comment`, with its stored draft, or quoting the comment.

    Raises NotFound if others cannot see the comment: nobody may answer or quote it.
    """
    entry = comment_entry(session, user, place, comment.id)
    if entry.state != CommentState.VISIBLE:
        raise NotFound
    body = queries.draft(session, user.id, comment.id)
    if quotes:
        body = quoted(comment.body) + body
    return new_form(user, place, with_names(session, body), reply_to=entry)


def preview(session: Session, body: str) -> Markup:
    """Raises Invalid for a text too long for a comment."""
    html = rendered(bounded_body(body))
    return Markup(html_with_names(html, names_of(session, ids_in_html([html]))))


def comment_entry(session: Session, user: User | None, place: ThreadHost, comment_id: UUID) -> CommentEntry:
    """Raises NotFound if the reader cannot see it."""
    entries = chosen_entries(session, user, place, [comment_id])
    if not entries:
        raise NotFound
    return entries[0]


def written_entry(session: Session, user: User, place: ThreadHost, comment: Comment) -> CommentEntry:
    """The entry of what `user` has just written."""
    is_seen = comment.state in {CommentState.VISIBLE, CommentState.PENDING, CommentState.WITHHELD}
    if is_seen and comment.reply_to_id is None:
        return new_entry(session, comment, user)
    return comment_entry(session, user, place, comment.id)


def chosen_entries(
    session: Session, user: User | None, place: ThreadHost, ids: list[UUID]
) -> list[CommentEntry]:
    """These comments of a thread, oldest first, without their replies."""
    session.flush()
    reader = user.id if user else None
    entries = entries_of(session, listing.chosen(session, place.thread_id, reader, ids), reader)
    return sorted(entries, key=lambda entry: (entry.created_at, entry.id))


def replies_page(
    session: Session, user: User | None, comment: Comment, place: ThreadHost, after: str
) -> RepliesPage:
    """A top-level comment with a page of its replies."""
    entry = comment_entry(session, user, place, comment.id)
    start = Cursor.parse(after) if after else None
    return RepliesPage(
        place,
        _replies_from(session, entry, place, user.id if user else None, start),
        f"{place.address}?comment={comment.id}#comment-{comment.id}",
    )


def permalink(session: Session, user: User | None, comment: Comment, place: ThreadHost) -> str:
    """The address of a comment, without a query if it is on the first page of its thread."""
    reader, anchor = user.id if user else None, f"#comment-{comment.id}"
    top = _top_of(session, comment)
    before = listing.count_before(session, place.thread_id, reader, Cursor.of(top), COMMENTS_PER_PAGE)
    if before < COMMENTS_PER_PAGE and (top is comment or _is_early(session, comment, place, reader)):
        return place.address + anchor
    return f"{place.address}?comment={comment.id}{anchor}"


def people(session: Session, user: User, place: ThreadHost, typed: str) -> list[Person]:
    """Users that `typed` may refer to: recent authors here, then class members whose names are shown.

    Only names that readers see are searched, never a name behind a mask.
    """
    wanted = name_key(typed.lstrip("@"))
    known = list(queries.latest_authors(session, place.thread_id))
    if wanted:
        known += queries.named_people(session, wanted)
    found: dict[UUID, PublicName] = {}
    for person in known:
        name = public_name(person)
        if person.id != user.id and wanted in name_key(name):
            found.setdefault(person.id, name)
    return [Person(identity, name) for identity, name in list(found.items())[:PEOPLE_OFFERED]]


def _linked(session: Session, place: ThreadHost, comment_id: UUID) -> Comment | None:
    comment = session.get(Comment, comment_id)
    return comment if comment is not None and comment.thread_id == place.thread_id else None


def _top_of(session: Session, comment: Comment) -> Comment:
    """The top-level comment that it belongs to, or is."""
    return session.get_one(Comment, comment.parent_id) if comment.parent_id else comment


def _is_early(session: Session, reply: Comment, place: ThreadHost, reader: UUID | None) -> bool:
    assert reply.parent_id is not None
    first = listing.replies(session, reply.parent_id, place.thread_id, reader, limit=listing.FIRST_REPLIES)
    return any(row.id == reply.id for row in first)


def _replies_from(
    session: Session,
    top: CommentEntry,
    place: ThreadHost,
    reader: UUID | None,
    start: Cursor | None,
    target: Comment | None = None,
) -> CommentEntry:
    """The comment with a page of replies: after `start`, or from the reply `target` on."""
    rows = listing.replies(
        session,
        top.id,
        place.thread_id,
        reader,
        limit=REPLIES_PER_PAGE + 1,
        start=start,
        includes_start=target is not None,
    )
    page = with_replies(top, entries_of(session, rows, reader), REPLIES_PER_PAGE)
    return replace(page, has_earlier_replies=start is not None)
