"""Where a page of comments begins: the sort key of its order, encoded in a link."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from app.board.models import Comment, Rank
from app.core.errors import NotFound
from app.web.fields import moment_from

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Order(StrEnum):
    LIKES = "likes"
    NEWEST = "newest"
    # Newest first, comments without replies only.
    UNANSWERED = "unanswered"


@dataclass(frozen=True)
class Cursor:
    """The sort key of a comment in its thread, or of a reply below its comment (then `is_answer` takes the place of `rank`)."""

    rank: str
    likes: int
    is_answer: bool
    created_at: datetime
    id: UUID

    @classmethod
    def of(cls, comment: Comment | Row[Any]) -> "Cursor":
        return cls(comment.rank, comment.likes, comment.is_answer, comment.created_at, comment.id)

    def __str__(self) -> str:
        moment = (self.created_at - _EPOCH) // timedelta(microseconds=1)
        return f"{self.rank}.{self.likes}.{int(self.is_answer)}.{moment}.{self.id.hex}"

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Raises NotFound for an invalid cursor."""
        try:
            rank, likes, is_answer, moment, identity = text.split(".")
            return cls(Rank(rank), int(likes) % 2**31, is_answer == "1", moment_from(moment), UUID(identity))
        except ValueError:
            raise NotFound from None
