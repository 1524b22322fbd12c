"""Putting the pages of moderation together from what the queries give. Each costs a fixed number of statements."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from markupsafe import Markup
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.names import public_name
from app.board import editing, moderation, moderation_lists
from app.board.comment_html import rendered
from app.board.mentions import MENTION, html_with_names, ids_in_html, names_of, with_names
from app.board.models import Comment, CommentReport, CommentState, ModerationAct
from app.board.moderation import Decision
from app.board.moderation_lists import LogFilter, LogRow
from app.board.moderation_log import ACTS, OF_ITSELF, reason_words
from app.board.moderation_pages import (
    Decided,
    DeletedPage,
    DeletionPage,
    EditPage,
    HistoryPage,
    LogEntry,
    LogPage,
    PastAct,
    QueuePage,
    Reported,
    ReportPage,
    Waiting,
    Words,
)  # fmt: skip
from app.clock import now
from app.i18n import gettext as _

ITEMS_PER_PAGE = 20
ENTRIES_PER_PAGE = 50
EXCERPT = 120
# A page that is opened later offers no undo of its own; the log still has the decision.
OFFER_UNDO = timedelta(hours=1)


def queue_page(session: Session, staff: User, after: UUID | None) -> QueuePage:
    comments = moderation_lists.waiting(session, after, ITEMS_PER_PAGE + 1)
    shown = comments[:ITEMS_PER_PAGE]
    since = now() - OFFER_UNDO
    last = moderation_lists.last_decision(session, staff.id, since, list(Decision))
    return QueuePage(
        items=waiting_items(session, shown),
        total=moderation_lists.count_waiting(session),
        after=after,
        next_after=shown[-1].id if len(comments) > len(shown) else None,
        last=decided(session, last, after) if last else None,
    )


def waiting_items(session: Session, comments: Sequence[Comment]) -> list[Waiting]:
    """Comments, loaded with their authors, with all that a decision needs."""
    if not comments:
        return []
    ids = [comment.id for comment in comments]
    above = moderation_lists.with_authors(session, filter(None, map(_answered_id, comments)))
    reports = moderation_lists.open_reports(session, ids)
    acts = moderation_lists.acts_on(session, ids)
    actors = moderation_lists.users(session, {act.actor_id for found in acts.values() for act in found})
    authors = {comment.author_id for comment in comments} - {None}
    records = moderation_lists.records_of(session, authors)
    said = words(session, [*comments, *above.values()])
    return [
        Waiting(
            words=said[comment.id],
            above=said.get(_answered_id(comment)),
            reports=_reported(reports.get(comment.id, ())),
            reported_until=max((each.created_at for each in reports.get(comment.id, ())), default=None),
            acts=[_past(act, actors.get(act.actor_id)) for act in acts.get(comment.id, ())],
            record=records.get(comment.author_id, {}),
            member_since=comment.author.created_at if comment.author else None,
        )
        for comment in comments
    ]


def waiting_item(session: Session, comment: Comment, **shown: Any) -> Waiting:
    return replace(waiting_items(session, [comment])[0], **shown)


def decided(session: Session, act: ModerationAct, after: UUID | None) -> Decided | None:
    found = moderation_lists.with_authors(session, [act.comment_id] if act.comment_id else [])
    said = words(session, found.values())
    if act.comment_id not in said:
        return None
    reason = "" if act.reason == OF_ITSELF.get(act.act) else reason_words(act.reason)
    return Decided(act.id, act.act, reason, said[act.comment_id], after)


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


def log_page(session: Session, wanted: LogFilter, before: UUID | None) -> LogPage:
    rows = moderation_lists.log(session, wanted, before, ENTRIES_PER_PAGE + 1)
    shown = rows[:ENTRIES_PER_PAGE]
    actors = [("rule", _("the rules")), ("author", _("authors themselves"))]
    actors += [(str(user.id), public_name(user)) for user in moderation_lists.staff(session)]
    return LogPage(
        entries=[_log_entry(row) for row in shown],
        wanted=wanted,
        actors=actors,
        next_before=shown[-1][0].id if len(rows) > len(shown) else None,
    )


def edit_page(session: Session, comment: Comment, text: str | None = None, **shown: Any) -> EditPage:
    """The form with what the comment says, or with the `text` that was typed."""
    if text is None:
        text = with_names(session, comment.body)
    return EditPage(comment, text, is_marked=now() - comment.created_at > editing.SILENT, **shown)


def history_page(session: Session, user: User | None, comment: Comment) -> HistoryPage:
    edits = editing.history(session, comment.id, is_for_staff=moderation.is_staff(user))
    pieces = [rendered(edit.body) for edit in edits]
    names = names_of(session, ids_in_html(pieces))
    earlier = [
        (edit.replaced_at, edit.was_seen, Markup(html_with_names(piece, names)))
        for edit, piece in zip(edits, pieces, strict=True)
    ]
    return HistoryPage(words(session, [comment])[comment.id], earlier)


def report_page(session: Session, user: User, comment_id: UUID) -> ReportPage:
    comment, is_reported = moderation.reportable_comment(session, user, comment_id)
    return ReportPage(words(session, [comment])[comment.id], is_reported)


def deletion_page(session: Session, user: User, comment: Comment, **shown: Any) -> DeletionPage:
    until = comment.deleted_at + moderation.UNDO_DELETION if comment.deleted_at else None
    can_restore = until and until > now() and moderation.may_restore(session, user, comment)
    return DeletionPage(
        words(session, [comment])[comment.id],
        until if can_restore else None,
        asks_why=until is None and comment.author_id != user.id and moderation.is_staff(user),
        **shown,
    )


def deleted_page(session: Session, user: User) -> DeletedPage:
    """One's own comments that one has deleted oneself and can bring back."""
    since = now() - moderation.UNDO_DELETION
    comments = moderation_lists.deleted_of(session, user.id, since, ENTRIES_PER_PAGE)
    acts = moderation_lists.acts_on(session, [comment.id for comment in comments])
    said = words(session, comments)
    return DeletedPage(
        [
            DeletionPage(said[comment.id], comment.deleted_at + moderation.UNDO_DELETION)
            for comment in comments
            if _last_deleted_by(acts.get(comment.id, ())) == user.id
        ]
    )


def _last_deleted_by(acts: Sequence[ModerationAct]) -> UUID | None:
    """Of acts, newest first."""
    return next((act.actor_id for act in acts if act.state_after == CommentState.DELETED), None)


def _answered_id(comment: Comment) -> UUID | None:
    return comment.reply_to_id or comment.parent_id


def _reported(reports: Iterable[CommentReport]) -> list[Reported]:
    notes: dict[str, list[str]] = defaultdict(list)
    counts = Counter[str]()
    for report in reports:
        counts[report.reason] += 1
        if report.note:
            notes[report.reason].append(report.note)
    return [Reported(reason, count, notes[reason]) for reason, count in counts.most_common()]


def _past(act: ModerationAct, actor: User | None) -> PastAct:
    name = public_name(actor) if act.actor_id else _("a rule")
    return PastAct(_(ACTS[act.act]), name, reason_words(act.reason), act.created_at)


def _log_entry(row: LogRow) -> LogEntry:
    act, actor, comment, author = row
    return LogEntry(
        past=_past(act, actor),
        state_before=act.state_before,
        state_after=act.state_after,
        is_undone=act.undone_at is not None,
        comment=comment,
        author=(comment.imported_name or public_name(author)) if comment else "",
        excerpt=MENTION.sub("@…", comment.body)[:EXCERPT] if comment else "",
    )
