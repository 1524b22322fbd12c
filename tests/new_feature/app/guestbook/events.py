from dataclasses import dataclass

from app.guestbook.models import Entry


@dataclass(frozen=True)
class LineWritten:
    entry: Entry
