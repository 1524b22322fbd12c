from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class LessonRendered:
    """A lesson was rendered, perhaps ahead of its transaction; sent without a session.

    `columns` are the LessonRevision columns derived from its texts.
    """

    columns: Mapping[str, Any]
