from dataclasses import dataclass
from uuid import UUID

from app.board.models import Comment
from app.board.places import ThreadHost


@dataclass(frozen=True)
class CommentShown:
    """A comment can be seen by others for the first time: posted, or released by a moderator. With its place where that is at hand."""

    comment: Comment
    place: ThreadHost | None = None


@dataclass(frozen=True)
class CommentEdited:
    """Others see a text that they have not seen; `before` is the HTML of the one they knew, "" where it was away for a while."""

    comment: Comment
    before: str


@dataclass(frozen=True)
class CommentLiked:
    """Somebody else likes a comment; with `on` False, no longer."""

    comment: Comment
    by_id: UUID
    on: bool = True


@dataclass(frozen=True)
class CommentFeatured:
    comment: Comment
    by_id: UUID


@dataclass(frozen=True)
class CommentModerated:
    """A moderator, or a rule, has decided."""

    comment: Comment
    act: str
    reason: str


@dataclass(frozen=True)
class CommentWaits:
    """What waits for moderators has changed; with `is_new` this comment now waits, or was reported once more."""

    comment: Comment
    is_new: bool
