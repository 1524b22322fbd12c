"""Queries on single comments, reports and acts, for decisions. The lists are in lists.py."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from app.board.models import CommentReport, ModerationAct
from app.core.db import insert


def add_report(session: Session, comment_id: UUID, reporter_id: UUID, reason: str, note: str) -> None:
    """No effect if this reader has reported the comment before."""
    session.execute(
        insert(session, CommentReport)
        .values(comment_id=comment_id, reporter_id=reporter_id, reason=reason, note=note)
        .on_conflict_do_nothing()
    )


def has_reported(session: Session, comment_id: UUID, reporter_id: UUID) -> bool:
    statement = select(CommentReport.id).where(
        CommentReport.comment_id == comment_id, CommentReport.reporter_id == reporter_id
    )
    return session.scalar(statement) is not None


def count_open_reports(session: Session, comment_id: UUID, until: datetime | None = None) -> int:
    """All open reports, or those written until `until` (serialised: each locks the comment's row)."""
    return session.scalar(select(func.count(CommentReport.id)).where(*_open(comment_id, until))) or 0


def settle_reports(session: Session, comment_id: UUID, until: datetime, moment: datetime) -> None:
    """Close the comment's open reports written until then, marked with the decision's `moment`."""
    session.execute(update(CommentReport).where(*_open(comment_id, until)).values(resolved_at=moment))


def _open(comment_id: UUID, until: datetime | None) -> list[ColumnElement[bool]]:
    found = [CommentReport.comment_id == comment_id, CommentReport.resolved_at.is_(None)]
    return [*found, CommentReport.created_at <= until] if until else found


def reopen_reports(session: Session, comment_id: UUID, moment: datetime) -> None:
    """Those that this moment's decision had settled."""
    session.execute(
        update(CommentReport)
        .where(CommentReport.comment_id == comment_id, CommentReport.resolved_at == moment)
        .values(resolved_at=None)
    )


def decision_of(
    session: Session, staff_id: UUID, act_id: UUID, acts: Sequence[str]
) -> Sequence[ModerationAct]:
    """The acts of a decision of this moderator that has not been undone; their rows stay locked.

    Featuring a waiting comment is two acts of one moment: it is approved too.
    """
    named = aliased(ModerationAct)
    statement = (
        select(ModerationAct)
        .join(
            named,
            and_(
                named.comment_id == ModerationAct.comment_id,
                named.created_at == ModerationAct.created_at,
                named.actor_id == ModerationAct.actor_id,
            ),
        )
        .where(
            named.id == act_id,
            named.undone_at.is_(None),
            ModerationAct.actor_id == staff_id,
            ModerationAct.act.in_(acts),
            ModerationAct.undone_at.is_(None),
        )
    )
    locked = statement.with_for_update(of=ModerationAct).execution_options(populate_existing=True)
    return session.scalars(locked).all()


def was_touched_since(session: Session, comment_id: UUID, moment: datetime, staff_id: UUID) -> bool:
    """Whether anybody else (or a rule) has acted on the comment after `moment`."""
    newer = exists().where(
        ModerationAct.comment_id == comment_id,
        ModerationAct.created_at > moment,
        ModerationAct.actor_id.is_distinct_from(staff_id),
    )
    return bool(session.scalar(select(newer)))


def last_featuring(session: Session, comment_id: UUID, staff_id: UUID) -> ModerationAct:
    """This moderator's newest one that was not undone; there is one."""
    statement = select(ModerationAct).where(
        ModerationAct.comment_id == comment_id,
        ModerationAct.actor_id == staff_id,
        ModerationAct.act == "feature",
        ModerationAct.undone_at.is_(None),
    )
    return session.scalars(statement.order_by(ModerationAct.created_at.desc()).limit(1)).one()
