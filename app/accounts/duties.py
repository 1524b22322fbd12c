"""What waits for lecturers and admins: a number in the header, counted by the very statement that asks who it is, and only for them."""

from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, case, literal

from app.accounts.models import STAFF, User

_counts: list[ScalarSelect[int]] = []


def count_for_staff(waiting: ScalarSelect[int]) -> None:
    """Connected in a feature's `listeners.py`: complete before the first request."""
    _counts.append(waiting)


def waiting_for(user: Any = User) -> ColumnElement[int]:
    """For a statement that has `user` (the class, or the table's columns). For students nothing is counted."""
    return case((user.role.in_(STAFF), sum(_counts, start=literal(0))), else_=0)
