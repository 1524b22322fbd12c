"""Acts of moderators and readers on a comment."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board.models import Comment, ModerationAct
from app.board.queries import comment_with_thread
from app.moderation import service as moderation
from app.moderation.presenters import waiting_item
from app.moderation.service import Decision, Verdict
from tests.factories import make_user


def verdict(
    session: Session, comment: Comment, decision: Decision, reason: str = "advertising or spam"
) -> Verdict:
    """By a moderator who views the comment now."""
    item = waiting_item(session, comment_with_thread(session, comment.id))
    return Verdict(decision, reason, item.seen, item.reported_until)


def decide(
    session: Session, staff: User, comment: Comment, decision: Decision, reason: str = "advertising or spam"
) -> ModerationAct:
    return moderation.decide(session, staff, comment.id, verdict(session, comment, decision, reason))


def report(session: Session, comment: Comment, readers: int) -> list[User]:
    found = [make_user(session) for _ in range(readers)]
    for reader in found:
        moderation.report(session, reader, comment.id, "spam", "")
    return found


def state_now(session: Session, comment: Comment) -> str:
    """As other sessions have left it; holds no lock afterwards."""
    session.expire_all()
    state = session.get_one(Comment, comment.id).state
    session.commit()
    return state


def acts(session: Session, comment: Comment) -> list[ModerationAct]:
    statement = select(ModerationAct).where(ModerationAct.comment_id == comment.id)
    return list(session.scalars(statement.order_by(ModerationAct.created_at)))
