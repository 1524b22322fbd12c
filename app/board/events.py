from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.board.models import Comment
from app.board.places import ThreadHost


@dataclass(frozen=True)
class CommentsEmptied:
    """The texts of these are gone for good: their ids, or a SELECT of them."""

    comment_ids: Any


@dataclass(frozen=True)
class CommentShown:
    """A comment becomes visible to others for the first time: just posted, or approved by a moderator. With its host if known."""

    comment: Comment
    place: ThreadHost | None = None
    is_new: bool = False


@dataclass(frozen=True)
class CommentEdited:
    """The visible text has changed; `before` is the HTML that readers knew, "" if the comment was hidden for a while."""

    comment: Comment
    before: str


@dataclass(frozen=True)
class CommentLiked:
    """Somebody else likes a comment; with `on` False, no longer does."""

    comment: Comment
    by_id: UUID
    on: bool = True


@dataclass(frozen=True)
class CommentFeatured:
    comment: Comment
    by_id: UUID


@dataclass(frozen=True)
class CommentModerated:
    """A moderator, or a rule, has decided on a comment."""

    comment: Comment
    act: str
    reason: str


@dataclass(frozen=True)
class CommentWaits:
    """The moderation queue has changed; with `is_new` this comment was added to it, or was reported once more."""

    comment: Comment
    is_new: bool
