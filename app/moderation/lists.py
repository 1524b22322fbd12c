"""Lists for moderators: the queue with its context, and the log. Paginated by key."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVarTuple
from uuid import UUID

from sqlalchemy import ScalarSelect, Select, and_, func, or_, select, tuple_, union
from sqlalchemy.orm import Session, aliased, joinedload

from app.accounts.models import STAFF, Role, User
from app.accounts.names import MASK, masked
from app.accounts.service import name_key
from app.board.models import Comment, CommentReport, CommentState, ModerationAct
from app.board.queries import by_comment

OPEN_STATES = (CommentState.VISIBLE, CommentState.PENDING, CommentState.WITHHELD)


def waiting(session: Session, after: UUID | None, limit: int) -> Sequence[Comment]:
    """The moderation queue, oldest first, after the comment `after`: pending, withheld, or visible and reported."""
    statement = _waiting(select(Comment)).options(joinedload(Comment.author), joinedload(Comment.thread))
    place = _place_of(session, Comment, after)
    if place is not None:
        statement = statement.where(tuple_(Comment.created_at, Comment.id) > place)
    return session.scalars(statement.order_by(Comment.created_at, Comment.id).limit(limit)).all()


def count_waiting(session: Session) -> int:
    return session.scalar(select(waiting_count())) or 0


def waiting_count() -> ScalarSelect[int]:
    """As a part of a statement."""
    return _waiting(select(func.count(Comment.id))).scalar_subquery()


def with_authors(session: Session, ids: Iterable[UUID]) -> dict[UUID, Comment]:
    """Comments with their authors, by id."""
    found = session.scalars(
        select(Comment).where(Comment.id.in_(list(ids))).options(joinedload(Comment.author))
    )
    return {comment.id: comment for comment in found}


def open_reports(session: Session, ids: Sequence[UUID]) -> Mapping[UUID, Sequence[CommentReport]]:
    """Undecided reports, by comment, oldest first."""
    return by_comment(
        session.scalars(
            select(CommentReport)
            .where(CommentReport.comment_id.in_(ids), CommentReport.resolved_at.is_(None))
            .order_by(CommentReport.created_at)
        )
    )


def records_of(session: Session, author_ids: Iterable[UUID]) -> Mapping[UUID, Mapping[str, int]]:
    """Each author's number of comments in each state."""
    rows = session.execute(
        select(Comment.author_id, Comment.state, func.count())
        .where(Comment.author_id.in_(list(author_ids)))
        .group_by(Comment.author_id, Comment.state)
    )
    records: dict[UUID, dict[str, int]] = defaultdict(dict)
    for author_id, state, count in rows:
        if author_id:
            records[author_id][state] = count
    return records


def last_decision(
    session: Session, staff_id: UUID, since: datetime, acts: Sequence[str]
) -> ModerationAct | None:
    """This moderator's newest decision that can be undone."""
    return session.scalar(
        select(ModerationAct)
        .where(
            ModerationAct.created_at > since,
            ModerationAct.actor_id == staff_id,
            ModerationAct.act.in_(acts),
            ModerationAct.undone_at.is_(None),
            ModerationAct.comment_id.is_not(None),
        )
        # When one decision made two acts, the one that names it: featuring before approving.
        .order_by(ModerationAct.created_at.desc(), ModerationAct.act.desc())
        .limit(1)
    )


@dataclass(frozen=True)
class LogFilter:
    """`actor`: "" for all, "rule", "author" (of the comment itself), or a moderator's id. `act`: "" for all."""

    actor: str = ""
    act: str = ""


# An act, its actor, the comment, and the comment's author.
LogRow = tuple[ModerationAct, User | None, Comment | None, User | None]


def log(session: Session, wanted: LogFilter, before: UUID | None, limit: int) -> Sequence[LogRow]:
    """Newest first, older than the act `before`."""
    author = aliased(User)
    statement = (
        select(ModerationAct, User, Comment, author)
        .outerjoin(User, User.id == ModerationAct.actor_id)
        .outerjoin(Comment, Comment.id == ModerationAct.comment_id)
        .outerjoin(author, author.id == Comment.author_id)
    )
    place = _place_of(session, ModerationAct, before)
    if place is not None:
        statement = statement.where(tuple_(ModerationAct.created_at, ModerationAct.id) < place)
    newest_first = (ModerationAct.created_at.desc(), ModerationAct.id.desc())
    return session.execute(_filtered(statement, wanted).order_by(*newest_first).limit(limit)).all()


def staff(session: Session) -> Sequence[User]:
    return session.scalars(select(User).where(User.role.in_(STAFF)).order_by(User.name)).all()


def people_named(session: Session, typed: str, limit: int) -> Sequence[User]:
    """Users by the name readers see: a masked one (*昊), or part of a shown one. A hidden name finds nobody."""
    folded = name_key(typed.removeprefix(MASK))
    if typed.startswith(MASK):
        found = and_(
            User.shows_name.is_(False),
            User.role == Role.STUDENT,
            User.name_key.endswith(folded, autoescape=True),
        )
    else:
        is_shown = or_(User.shows_name, User.role != Role.STUDENT)
        found = and_(is_shown, User.name_key.contains(folded, autoescape=True))
    people = session.scalars(select(User).where(found).order_by(User.created_at.desc(), User.id).limit(limit))
    wanted = MASK + folded
    return [user for user in people if not typed.startswith(MASK) or name_key(masked(user.name)) == wanted]


def _waiting(statement: Select[Any]) -> Select[Any]:
    ids = union(
        select(Comment.id).where(Comment.state.in_((CommentState.PENDING, CommentState.WITHHELD))),
        select(CommentReport.comment_id).where(CommentReport.resolved_at.is_(None)),
    )
    return statement.where(Comment.id.in_(ids), Comment.state.in_(OPEN_STATES))


Rows = TypeVarTuple("Rows")


def _filtered(statement: Select[*Rows], wanted: LogFilter) -> Select[*Rows]:
    if wanted.act:
        statement = statement.where(ModerationAct.act == wanted.act)
    if wanted.actor == "rule":
        return statement.where(ModerationAct.actor_id.is_(None))
    if wanted.actor == "author":
        return statement.where(ModerationAct.actor_id == Comment.author_id)
    try:
        return statement.where(ModerationAct.actor_id == UUID(wanted.actor)) if wanted.actor else statement
    except ValueError:
        return statement


def _place_of(session: Session, table: type[Any], row_id: UUID | None) -> Any:
    """Where a page begins: the key of the previous page's last row."""
    if row_id is None:
        return None
    row = session.execute(select(table.created_at, table.id).where(table.id == row_id)).first()
    return tuple_(*row) if row else None
