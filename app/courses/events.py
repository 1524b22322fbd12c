from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class LessonFinished:
    """A reader came to the end of a lesson for the first time."""

    user_id: UUID
    lesson_id: UUID
