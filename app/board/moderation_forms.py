from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.board.bodies import LONGEST
from app.board.forms import TextForm
from app.board.moderation import REASONS, Decision, Verdict
from app.forms import Form

# The keys of REASONS; a test holds both together.
Reason = Literal["spam", "unkind", "personal", "off-topic", "other"]


class EditForm(TextForm):
    # The board's own rules say how long a text may be; this only keeps out what is no comment at all.
    body: Annotated[str, Field(max_length=4 * LONGEST)] = ""
    act: str = "send"


class ReportForm(Form):
    reason: Reason
    note: Annotated[str, Field(max_length=500)] = ""


class DecisionForm(Form):
    decision: Decision
    # The comment's state as the page showed it.
    seen: Annotated[str, Field(max_length=20)]
    reason: Reason | Literal[""] = ""
    note: Annotated[str, Field(max_length=400)] = ""
    after: UUID | None = None

    def verdict(self) -> Verdict:
        """Approving needs no reason, so none is kept of it."""
        is_reasoned = self.decision in {Decision.REJECT, Decision.WITHHOLD, Decision.DELETE} and self.reason
        reason = f"{REASONS[self.reason]}\n{self.note}".strip() if is_reasoned else ""
        return Verdict(self.decision, reason, self.seen)
