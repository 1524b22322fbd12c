"""View models of the pages on which authors change their own comments. Names are public ones throughout."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from markupsafe import Markup

from app.board.models import Comment
from app.board.states import REASONS
from app.board.text.code import has_loose_code
from app.board.text.mentions import Typed, as_typed


@dataclass(frozen=True)
class Words:
    """A comment as it is read: author and text."""

    comment: Comment
    author: str
    html: Markup


@dataclass(frozen=True)
class EditPage:
    comment: Comment
    text: str
    title: str
    # Whether readers will see that it was edited.
    is_marked: bool
    errors: Mapping[str, str] = field(default_factory=dict)
    preview: Markup | None = None

    @property
    def typed(self) -> Typed:
        return as_typed(self.text)

    @property
    def error(self) -> str:
        return next((said for name, said in self.errors.items() if name not in {"code", "title"}), "")

    @property
    def offers_code(self) -> bool:
        """Whether there is code outside a code block: reported on sending, and beside a preview."""
        return "code" in self.errors or (self.preview is not None and has_loose_code(self.text))


@dataclass(frozen=True)
class HistoryPage:
    words: Words
    # When each was replaced, newest first, whether readers had seen it, its title and its text.
    earlier: Sequence[tuple[datetime, bool, str, Markup]]


@dataclass(frozen=True)
class DeletionPage:
    """A deleted comment that its reader may bring back until then (None: no longer, or not this reader).

    `asks_why`: it is not deleted, and its reader is a moderator, who can delete it by giving a reason.
    """

    words: Words
    until: datetime | None
    asks_why: bool = False
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=lambda: REASONS)


@dataclass(frozen=True)
class DeletedPage:
    """An author's own deleted comments."""

    entries: Sequence[DeletionPage]
