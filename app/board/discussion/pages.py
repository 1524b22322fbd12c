"""View models of the board's pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from markupsafe import Markup

from app.accounts.names import PublicName
from app.board.discussion.cursors import Order
from app.board.models import CommentState
from app.board.places import ThreadHost
from app.board.text.code import has_loose_code
from app.board.text.mentions import Typed, as_typed


@dataclass(frozen=True)
class CommentEntry:
    """A comment as its reader sees it. `name` is what readers see; `answers` the name of the author whom a reply to a reply
    answers.

    A stub stands for a comment that readers no longer see but that has replies: it has neither name nor text.
    """

    id: UUID
    parent_id: UUID | None
    name: str
    author_id: UUID | None
    is_staff: bool
    title: str
    html: Markup
    state: str
    is_featured: bool
    is_pinned: bool
    is_answer: bool
    likes: int
    reply_count: int
    created_at: datetime
    edited_at: datetime | None
    answers: str | None
    is_liked: bool
    # "follow", "mute" or "none".
    following: str
    is_own: bool
    # From a column, which has no dates.
    is_imported: bool
    cursor: str
    replies: Sequence["CommentEntry"] = ()
    # Where the replies continue, if there are more; and whether there are some before these.
    next_reply: str | None = None
    has_earlier_replies: bool = False

    @property
    def is_stub(self) -> bool:
        return self.state != CommentState.VISIBLE and not self.is_waiting

    @property
    def is_waiting(self) -> bool:
        """One's own comment waiting for a moderator; nobody else gets such an entry."""
        return self.is_own and self.state in {CommentState.PENDING, CommentState.WITHHELD}


@dataclass(frozen=True)
class Discussion:
    """A page of a thread's comments. `address` is that of the page that shows it; `linked` the comment asked for."""

    place: ThreadHost
    address: str
    count: int
    order: Order
    entries: Sequence[CommentEntry]
    next: str | None
    is_from_start: bool
    linked: UUID | None
    form: "CommentForm | None"
    # When the thread's latest comment was written: a page that was offline asks what came after it.
    latest: datetime | None

    @property
    def topic(self) -> str:
        """The live topic that the page follows; see live_routes.py."""
        return f"place:{self.place.key}"


@dataclass(frozen=True)
class CommentForm:
    """A form for a new comment, or for a reply to `reply_to`."""

    place: ThreadHost
    body: str
    request_key: str
    stamp: str
    reply_to: CommentEntry | None = None
    title: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    preview: Markup | None = None

    @property
    def typed(self) -> Typed:
        return as_typed(self.body)

    @property
    def name(self) -> str:
        """Unique among the forms of a page, for ids."""
        return f"reply-{self.reply_to.id}" if self.reply_to else "comment"

    @property
    def error(self) -> str:
        return next((said for name, said in self.errors.items() if name not in {"code", "title"}), "")

    @property
    def offers_code(self) -> bool:
        """Whether there is code outside a code block: reported on sending, and beside a preview."""
        return "code" in self.errors or (self.preview is not None and has_loose_code(self.body))


@dataclass(frozen=True)
class FormPage:
    """A form on a page of its own, for browsers without JavaScript."""

    form: CommentForm
    back: str


@dataclass(frozen=True)
class RepliesPage:
    """A comment and a page of its replies."""

    place: ThreadHost
    entry: CommentEntry
    back: str


@dataclass(frozen=True)
class Person:
    """A user who can be mentioned."""

    id: UUID
    name: PublicName


@dataclass(frozen=True)
class SharedJob:
    """The line below a shared job: who shares it, and whether the reader may end that."""

    job_id: UUID
    is_shared: bool
    is_own: bool
    owner_id: UUID
    owner: str
    discussion: Markup
