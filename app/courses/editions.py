"""Parsed revisions, cached in memory: reading a lesson again parses no stored JSON again."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.i18n import shown_language
from app.courses.models import LessonRevision

# Number of lessons cached per process; some 100 KB each.
CAPACITY = 128


@dataclass(frozen=True)
class Edition:
    """A revision as pages need it. Shared between requests: never modify it."""

    title: Mapping[str, str]
    question: Mapping[str, str]
    minutes: int
    labs: Mapping[str, Any]
    quiz: Mapping[str, Any]
    question_keys: Sequence[str]
    rendering: Mapping[str, Any]

    @property
    def written_in(self) -> str:
        """The language its reader is shown: their own, or the only one with a text."""
        return shown_language({name: part["segments"] for name, part in self.rendering.items()})

    @classmethod
    def of(cls, revision: LessonRevision) -> "Edition":
        return cls(**{name: getattr(revision, name) for name in cls.__dataclass_fields__})


def editions(session: Session, wanted: Mapping[UUID, str | None]) -> dict[UUID, Edition]:
    """The editions of existing revisions; at most one query, for those not cached.

    `wanted` maps a revision to the version of its rendering, or to None if any will do (for a title, say).
    """
    with _lock:
        found = {
            key: kept
            for key, version in wanted.items()
            if (kept := _kept.get(key)) and version in (None, kept[0])
        }
        for key in found:
            _kept.move_to_end(key)
    missing = [key for key in wanted if key not in found]
    if missing:
        found |= _read(session, missing)
    return {key: edition for key, (_version, edition) in found.items()}


def _read(session: Session, keys: Sequence[UUID]) -> dict[UUID, tuple[str, Edition]]:
    columns = [getattr(LessonRevision, name) for name in Edition.__dataclass_fields__]
    rows = session.execute(
        select(LessonRevision.id, LessonRevision.rendered_with, *columns).where(LessonRevision.id.in_(keys))
    )
    read = {key: (version, Edition(*values)) for key, version, *values in rows}
    with _lock:
        _kept.update(read)
        while len(_kept) > CAPACITY:
            _kept.popitem(last=False)
    return read


# By revision: the version of the rendering, and the edition.
_kept: OrderedDict[UUID, tuple[str, Edition]] = OrderedDict()
_lock = Lock()
