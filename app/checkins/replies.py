"""Replies to a check-in: a thread of the board, shown on the check-in's own page."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from app.board.models import thread_id
from app.board.places import ThreadHost
from app.checkins import queries


def reply_place(check_in_id: UUID, author_id: UUID) -> ThreadHost:
    return ThreadHost(f"check-in:{check_in_id}", f"/check-ins/{check_in_id}", owner_id=author_id)


def reply_counts(session: Session, check_in_ids: Iterable[UUID]) -> dict[UUID, int]:
    """By check-in; those without replies are left out."""
    by_thread = {thread_id(f"check-in:{check_in_id}"): check_in_id for check_in_id in check_in_ids}
    counts = queries.comment_counts(session, by_thread)
    return {by_thread[thread]: count for thread, count in counts.items() if count}
