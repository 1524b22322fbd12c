"""What is stored."""

from pwdlib import PasswordHash
from sqlalchemy import select

from app.board.models import Comment
from app.core import db
from tests.factories import PASSWORD

# As slow as in a classroom: what may happen meanwhile is what some tests are about.
HASH = PasswordHash.recommended().hash(PASSWORD)


def count(model: type, **values: object) -> int:
    with db.session_scope(writes=False) as session:
        return len(session.scalars(select(model).filter_by(**values)).all())


def comment(row: Comment) -> Comment:
    with db.session_scope(writes=False) as session:
        return session.get_one(Comment, row.id)
