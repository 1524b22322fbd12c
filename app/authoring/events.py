from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.courses.models import Lesson


@dataclass(frozen=True)
class PublicationFailed:
    """A scheduled publication failed; `user_id` is who scheduled it, None if that account is gone."""

    lesson: Lesson
    user_id: UUID | None
    faults: Sequence[str]
