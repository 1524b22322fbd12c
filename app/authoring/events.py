from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.courses.models import Lesson


@dataclass(frozen=True)
class PublicationFailed:
    """What was scheduled was not published; `user_id` is who had scheduled it, None where that account is gone."""

    lesson: Lesson
    user_id: UUID | None
    faults: Sequence[str]
