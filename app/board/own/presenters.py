"""Presenters of the pages on which authors change their own comments."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from markupsafe import Markup
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.names import public_name
from app.board import queries, states
from app.board.models import Comment, CommentState, ModerationAct
from app.board.own import editing
from app.board.own.pages import DeletedPage, DeletionPage, EditPage, HistoryPage, Words
from app.board.text.comment_html import rendered
from app.board.text.mentions import html_with_names, ids_in_html, names_of, with_names
from app.core.clock import now

ENTRIES_PER_PAGE = 50


def words(session: Session, comments: Iterable[Comment]) -> dict[UUID, Words]:
    """Comments, loaded with their authors, as they are read."""
    comments = list(comments)
    names = names_of(session, ids_in_html([comment.html for comment in comments]))
    return {
        comment.id: Words(comment, author_name(comment), Markup(html_with_names(comment.html, names)))
        for comment in comments
    }


def author_name(comment: Comment) -> str:
    return comment.imported_name or public_name(comment.author)


def edit_page(
    session: Session, comment: Comment, text: str | None = None, title: str | None = None, **shown: Any
) -> EditPage:
    """The form with the comment's text, or with the `text` that was typed."""
    if text is None:
        text = with_names(session, comment.body)
    title = comment.title or "" if title is None else title
    return EditPage(comment, text, title, is_marked=now() - comment.created_at > editing.SILENT, **shown)


def history_page(session: Session, user: User | None, comment: Comment) -> HistoryPage:
    edits = editing.history(session, comment.id, is_for_staff=user is not None and user.is_staff)
    pieces = [rendered(edit.body) for edit in edits]
    names = names_of(session, ids_in_html(pieces))
    earlier = [
        (edit.replaced_at, edit.was_seen, edit.title or "", Markup(html_with_names(piece, names)))
        for edit, piece in zip(edits, pieces, strict=True)
    ]
    return HistoryPage(words(session, [comment])[comment.id], earlier)


def deletion_page(session: Session, user: User, comment: Comment, **shown: Any) -> DeletionPage:
    until = comment.deleted_at + states.UNDO_DELETION if comment.deleted_at else None
    can_restore = until and until > now() and states.may_restore(session, user, comment)
    return DeletionPage(
        words(session, [comment])[comment.id],
        until if can_restore else None,
        asks_why=until is None and comment.author_id != user.id and user.is_staff,
        **shown,
    )


def deleted_page(session: Session, user: User) -> DeletedPage:
    """Comments that the user deleted themselves and can bring back."""
    since = now() - states.UNDO_DELETION
    comments = queries.deleted_of(session, user.id, since, ENTRIES_PER_PAGE)
    acts = queries.acts_on(session, [comment.id for comment in comments])
    said = words(session, comments)
    return DeletedPage(
        [
            DeletionPage(said[comment.id], comment.deleted_at and comment.deleted_at + states.UNDO_DELETION)
            for comment in comments
            if _last_deleted_by(acts.get(comment.id, ())) == user.id
        ]
    )


def _last_deleted_by(acts: Sequence[ModerationAct]) -> UUID | None:
    """From acts in descending order of time."""
    return next((act.actor_id for act in acts if act.state_after == CommentState.DELETED), None)
