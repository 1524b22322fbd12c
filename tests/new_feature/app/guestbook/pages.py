from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class GuestbookPage:
    lines: Sequence[str]
