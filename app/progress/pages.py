from collections.abc import Sequence
from dataclasses import dataclass

from app.courses.pages import CoursePage
from app.jobs.models import Job
from app.progress.weeks import Week


@dataclass(frozen=True)
class ProgressPage:
    """`most` is the largest number in `weeks`: the length of a full bar."""

    courses: list[CoursePage]
    weeks: Sequence[Week]
    jobs: Sequence[Job]

    @property
    def most(self) -> int:
        return max((max(week.lessons, week.questions, week.labs) for week in self.weeks), default=1)
