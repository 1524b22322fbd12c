from dataclasses import dataclass
from uuid import UUID

from app.jobs.models import Job
from app.labs.pages import LabForm


@dataclass(frozen=True)
class ContinuationPage:
    """`learning` as chosen, `choices` what can be chosen."""

    parent: Job
    form: LabForm
    learning: str
    choices: range


@dataclass(frozen=True)
class Continuation:
    """What a training's page says of where it started, and offers. `scratch` is the same training from scratch, if there is one."""

    may_continue: bool
    parent: UUID | None
    scratch: UUID | None

    def compare(self, job: Job) -> str:
        """The address that compares it with its parent and with the same from scratch, as far as there are these."""
        return "/jobs/compare?ids=" + ",".join(str(one) for one in (self.parent, job.id, self.scratch) if one)
