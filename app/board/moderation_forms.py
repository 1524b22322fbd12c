from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from app.board.bodies import LONGEST
from app.board.forms import TextForm
from app.board.moderation import REASONS, TAKING_AWAY, Decision, Verdict
from app.board.moderation_log import OF_ITSELF
from app.fields import within_years
from app.forms import Form

# The keys of REASONS; a test holds both together.
Reason = Literal["spam", "unkind", "personal", "off-topic", "other"]


class EditForm(TextForm):
    # The board's own rules say how long a text may be; this only keeps out what is no comment at all.
    body: Annotated[str, Field(max_length=4 * LONGEST)] = ""
    act: Literal["send", "preview"] = "send"


class ReportForm(Form):
    reason: Reason
    note: Annotated[str, Field(max_length=500)] = ""


class ReasonedForm(Form):
    """A reason of ours, and the moderator's own words to the author."""

    reason: Reason | Literal[""] = ""
    note: Annotated[str, Field(max_length=400)] = ""

    def words(self) -> str:
        """As they are logged; empty where no reason was chosen."""
        return _with_note(REASONS[self.reason], self.note) if self.reason else ""


class DecisionForm(ReasonedForm):
    decision: Decision
    # What the page showed: see Verdict.
    seen: Annotated[str, Field(max_length=40)]
    reported_until: Annotated[AwareDatetime, within_years] | None = None
    after: UUID | None = None

    def verdict(self) -> Verdict:
        """Approving needs no reason; a word to the author is kept all the same."""
        if self.decision in TAKING_AWAY:
            reason = self.words()
        else:
            reason = _with_note(OF_ITSELF["approve"], self.note) if self.note else ""
        return Verdict(self.decision, reason, self.seen, self.reported_until)


def _with_note(reason: str, note: str) -> str:
    return f"{reason}\n{note}".strip()
