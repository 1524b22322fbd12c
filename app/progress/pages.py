from collections.abc import Sequence
from dataclasses import dataclass

from app.courses.pages import CoursePage
from app.jobs.models import Job


@dataclass(frozen=True)
class ProgressPage:
    courses: list[CoursePage]
    jobs: Sequence[Job]
