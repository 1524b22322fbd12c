"""What is stored."""

from sqlalchemy import select

from app.accounts.passwords import hash_password
from app.board.models import Comment
from app.core import db
from tests.factories import PASSWORD

HASH = hash_password(PASSWORD)


def count(model: type, **values: object) -> int:
    with db.session_scope(writes=False) as session:
        return len(session.scalars(select(model).filter_by(**values)).all())


def comment(row: Comment) -> Comment:
    with db.session_scope(writes=False) as session:
        return session.get_one(Comment, row.id)
