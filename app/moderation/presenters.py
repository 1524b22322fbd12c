"""Presenters of the moderation pages. Each costs a fixed number of statements."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.names import public_name
from app.board import queries
from app.board.log import ACTS, OF_ITSELF, reason_words
from app.board.models import Comment, CommentReport, ModerationAct
from app.board.own.presenters import ENTRIES_PER_PAGE, words
from app.board.text.mention_rule import MENTION
from app.core.clock import now
from app.core.i18n import gettext as _
from app.core.permissions import Permission
from app.moderation import lists, service
from app.moderation.lists import LogFilter, LogRow
from app.moderation.pages import (
    Decided,  # fmt: skip
    LogEntry,  # fmt: skip
    LogPage,  # fmt: skip
    PastAct,  # fmt: skip
    PeoplePage,  # fmt: skip
    Person,  # fmt: skip
    QueuePage,  # fmt: skip
    Reported,  # fmt: skip
    ReportPage,  # fmt: skip
    Waiting,  # fmt: skip
)
from app.moderation.service import Decision

ITEMS_PER_PAGE = 20
PEOPLE = 50
EXCERPT = 120
# Pages opened later offer no undo of their own; the log still has the decision.
OFFER_UNDO = timedelta(hours=1)


def queue_page(session: Session, staff: User, after: UUID | None) -> QueuePage:
    comments = lists.waiting(session, after, ITEMS_PER_PAGE + 1)
    shown = comments[:ITEMS_PER_PAGE]
    since = now() - OFFER_UNDO
    last = lists.last_decision(session, staff.id, since, list(Decision))
    return QueuePage(
        items=waiting_items(session, shown),
        total=lists.count_waiting(session),
        after=after,
        next_after=shown[-1].id if len(comments) > len(shown) else None,
        last=decided(session, last, after) if last else None,
    )


def waiting_items(session: Session, comments: Sequence[Comment]) -> list[Waiting]:
    """Comments, loaded with their authors, with everything a decision needs."""
    if not comments:
        return []
    ids = [comment.id for comment in comments]
    above = lists.with_authors(session, filter(None, map(_answered_id, comments)))
    reports = lists.open_reports(session, ids)
    acts = queries.acts_on(session, ids)
    actors = queries.users(session, {act.actor_id for found in acts.values() for act in found})
    authors = {comment.author_id for comment in comments if comment.author_id}
    records = lists.records_of(session, authors)
    said = words(session, [*comments, *above.values()])
    return [
        Waiting(
            words=said[comment.id],
            above=said.get(answered) if (answered := _answered_id(comment)) else None,
            reports=_reported(reports.get(comment.id, ())),
            reported_until=max((each.created_at for each in reports.get(comment.id, ())), default=None),
            acts=[_past(act, actors.get(act.actor_id)) for act in acts.get(comment.id, ())],
            record=records.get(comment.author_id, {}) if comment.author_id else {},
            member_since=comment.author.created_at if comment.author else None,
        )
        for comment in comments
    ]


def waiting_item(session: Session, comment: Comment, **shown: Any) -> Waiting:
    return replace(waiting_items(session, [comment])[0], **shown)


def decided(session: Session, act: ModerationAct, after: UUID | None) -> Decided | None:
    found = lists.with_authors(session, [act.comment_id] if act.comment_id else [])
    said = words(session, found.values())
    if act.comment_id not in said:
        return None
    reason = "" if act.reason == OF_ITSELF.get(act.act) else reason_words(act.reason)
    return Decided(act.id, act.act, reason, said[act.comment_id], after)


def log_page(session: Session, wanted: LogFilter, before: UUID | None) -> LogPage:
    rows = lists.log(session, wanted, before, ENTRIES_PER_PAGE + 1)
    shown = rows[:ENTRIES_PER_PAGE]
    actors = [("rule", _("the rules")), ("author", _("authors themselves"))]
    actors += [(str(user.id), public_name(user)) for user in lists.staff(session)]
    return LogPage(
        entries=[_log_entry(row) for row in shown],
        wanted=wanted,
        actors=actors,
        next_before=shown[-1][0].id if len(rows) > len(shown) else None,
    )


def people_page(session: Session, staff: User, typed: str) -> PeoplePage:
    """The people found, as far as the moderator's role allows: hidden names are for admins."""
    if not typed:
        return PeoplePage("", None)
    found = lists.people_named(session, typed, PEOPLE)
    records = lists.records_of(session, [user.id for user in found])
    sees_names = staff.may(Permission.MANAGE)
    return PeoplePage(
        typed,
        [
            Person(
                user.id,
                public_name(user),
                user.name if sees_names else "",
                user.created_at,
                records.get(user.id, {}),
            )
            for user in found
        ],
    )


def report_page(session: Session, user: User, comment_id: UUID) -> ReportPage:
    comment, is_reported = service.reportable_comment(session, user, comment_id)
    return ReportPage(words(session, [comment])[comment.id], is_reported)


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
