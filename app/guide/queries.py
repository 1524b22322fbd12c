"""What a course's lessons say about themselves: what they need, and which terms they define."""

from collections.abc import Collection
from functools import lru_cache
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.courses.models import LessonRevision
from app.publishing.sources import LessonSource, parse_lesson

# lesson.toml files parsed per process: some courses of thirty lessons.
CAPACITY = 256


def lesson_sources(session: Session, revision_ids: Collection[UUID]) -> dict[UUID, LessonSource]:
    """The lesson.toml of each revision, without loading the lessons' texts."""
    text = LessonRevision.sources["lesson.toml"].as_string()
    rows = session.execute(select(LessonRevision.id, text).where(LessonRevision.id.in_(revision_ids)))
    return {revision_id: _parsed(toml) for revision_id, toml in rows}


# Shared between requests: never modified. What was published is valid.
_parsed = lru_cache(CAPACITY)(parse_lesson)
