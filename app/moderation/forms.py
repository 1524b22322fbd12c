from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from app.board.forms import Reason, ReasonedForm, with_note
from app.board.log import OF_ITSELF
from app.moderation.service import TAKING_AWAY, Decision, Verdict
from app.web.fields import within_years
from app.web.forms import Form


class ReportForm(Form):
    reason: Reason
    note: Annotated[str, Field(max_length=500)] = ""


class DecisionForm(ReasonedForm):
    decision: Decision
    # What the page showed: see Verdict.
    seen: Annotated[str, Field(max_length=40)]
    reported_until: Annotated[AwareDatetime, within_years] | None = None
    after: UUID | None = None

    def verdict(self) -> Verdict:
        """Approving needs no reason; a note to the author is kept all the same."""
        if self.decision in TAKING_AWAY:
            reason = self.words()
        else:
            reason = with_note(OF_ITSELF["approve"], self.note) if self.note else ""
        return Verdict(self.decision, reason, self.seen, self.reported_until)
