"""View models of the moderation pages. Names are public ones throughout."""

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
    """How many readers gave a reason (a key of REASONS), and their notes."""

    reason: str
    count: int
    notes: Sequence[str]


@dataclass(frozen=True)
class PastAct:
    """An earlier act, in the reader's language."""

    act: str
    actor: str
    reason: str
    happened_at: datetime


@dataclass(frozen=True)
class Person:
    """`name` is what readers see. `real_name` is for admins alone, otherwise empty. `record`: state -> number of comments."""

    id: UUID
    name: str
    real_name: str
    since: datetime
    record: Mapping[str, int]


@dataclass(frozen=True)
class PeoplePage:
    """`people` None: nothing was searched for yet."""

    typed: str
    people: Sequence[Person] | None


@dataclass(frozen=True)
class Waiting:
    """A comment in the moderation queue: what it answers, why it is here, and its author's record.

    `problem` says why a decision was not carried out, `values` what was typed. Somebody may have decided on it meanwhile.
    """

    words: Words
    above: Words | None
    reports: Sequence[Reported]
    # When the latest report was written.
    reported_until: datetime | None
    acts: Sequence[PastAct]
    # State -> number of the author's comments in it; empty for an imported comment.
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
        """The reason chosen before, otherwise the one most readers gave."""
        if self.values.get("reason"):
            return self.values["reason"]
        return max(self.reports, key=lambda reported: reported.count).reason if self.reports else "spam"


@dataclass(frozen=True)
class Decided:
    """A decision just made, with its undo; `after` is where the moderator's page begins."""

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
