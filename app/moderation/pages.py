"""What the pages of moderation show, and those of an author who changes or deletes. Names are public ones throughout."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from app.board.log import ACTS
from app.board.models import Comment, CommentState
from app.board.own.pages import Words
from app.board.states import REASONS
from app.moderation.lists import LogFilter
from app.moderation.service import as_seen


@dataclass(frozen=True)
class Reported:
    """How many readers gave a reason (a key of REASONS), and what they added."""

    reason: str
    count: int
    notes: Sequence[str]


@dataclass(frozen=True)
class PastAct:
    """In the reader's words."""

    act: str
    actor: str
    reason: str
    happened_at: datetime


@dataclass(frozen=True)
class Person:
    """`name` is what readers see. `real_name` is for admins alone, empty for others. `record`: state -> how many comments."""

    id: UUID
    name: str
    real_name: str
    since: datetime
    record: Mapping[str, int]


@dataclass(frozen=True)
class PeoplePage:
    """`people` None: nothing was asked yet."""

    typed: str
    people: Sequence[Person] | None


@dataclass(frozen=True)
class Waiting:
    """A comment to be decided about: what it answers, why it is here, and what is known of its author.

    `problem` says why a decision was not carried out, `values` what was typed. The comment may have been decided about meanwhile.
    """

    words: Words
    above: Words | None
    reports: Sequence[Reported]
    # When the latest of them was written.
    reported_until: datetime | None
    acts: Sequence[PastAct]
    # State -> how many of the author's comments are in it; empty for an imported comment.
    record: Mapping[str, int]
    member_since: datetime | None
    problem: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=lambda: REASONS)

    @property
    def is_open(self) -> bool:
        """Whether there is still something to decide."""
        state = self.words.comment.state
        is_withheld = state in {CommentState.PENDING, CommentState.WITHHELD}
        return is_withheld or (state == CommentState.VISIBLE and bool(self.reports))

    @property
    def seen(self) -> str:
        return as_seen(self.words.comment)

    @property
    def suggestion(self) -> str:
        """The reason that was chosen before, else the one that most readers gave."""
        if self.values.get("reason"):
            return self.values["reason"]
        return max(self.reports, key=lambda reported: reported.count).reason if self.reports else "spam"


@dataclass(frozen=True)
class Decided:
    """What has just been decided, with its way back; `after` is where the moderator's page begins."""

    act_id: UUID
    act: str
    reason: str
    words: Words
    after: UUID | None = None


@dataclass(frozen=True)
class QueuePage:
    items: Sequence[Waiting]
    total: int
    after: UUID | None
    next_after: UUID | None
    last: Decided | None


@dataclass(frozen=True)
class LogEntry:
    past: PastAct
    state_before: str
    state_after: str
    is_undone: bool
    comment: Comment | None
    author: str
    excerpt: str


@dataclass(frozen=True)
class LogPage:
    entries: Sequence[LogEntry]
    wanted: LogFilter
    actors: Sequence[tuple[str, str]]
    next_before: UUID | None
    acts: Mapping[str, str] = field(default_factory=lambda: ACTS)

    @property
    def next_address(self) -> str:
        chosen = {"actor": self.wanted.actor, "act": self.wanted.act, "before": self.next_before}
        return "/moderation/log?" + urlencode({name: value for name, value in chosen.items() if value})


@dataclass(frozen=True)
class ReportPage:
    words: Words
    is_reported: bool
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=lambda: REASONS)
