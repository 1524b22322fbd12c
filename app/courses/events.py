from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class LessonFinished:
    """A reader reached the end of a lesson for the first time."""

    user_id: UUID
    lesson_id: UUID
