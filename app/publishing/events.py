from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class LessonRendered:
    """A lesson was rendered, maybe for a transaction to come; sent without a session.

    `columns` are those of LessonRevision that its texts make.
    """

    columns: Mapping[str, Any]
