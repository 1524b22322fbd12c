"""The difference between two texts of a lesson, line by line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from app.publishing.sources import LESSON_FILES

CONTEXT = 3


@dataclass(frozen=True)
class DiffLine:
    """`old` and `new` are line numbers, None on the side that has no such line. `kind` "skip" stands for lines left out."""

    kind: Literal["same", "added", "removed", "skip"]
    old: int | None
    new: int | None
    text: str


@dataclass(frozen=True)
class FileDiff:
    name: str
    lines: list[DiffLine]


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[FileDiff]:
    """The files that differ, each with its changed lines and three lines around them."""
    changed = [name for name in LESSON_FILES if before.get(name, "") != after.get(name, "")]
    return [FileDiff(name, list(_lines(before.get(name, ""), after.get(name, "")))) for name in changed]


def picture_differences(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, list[str]]:
    """{"added": names, "removed": names, "changed": names} of two sets of pictures."""
    return {
        "added": sorted(after.keys() - before.keys()),
        "removed": sorted(before.keys() - after.keys()),
        "changed": sorted(name for name in after.keys() & before.keys() if after[name] != before[name]),
    }


def _lines(before: str, after: str) -> Iterator[DiffLine]:
    old, new = before.split("\n"), after.split("\n")
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    last = 0
    for group in matcher.get_grouped_opcodes(CONTEXT):
        start = group[0][1]
        if start > last:
            yield DiffLine("skip", None, None, "")
        for tag, old_start, old_end, new_start, new_end in group:
            if tag == "equal":
                for offset in range(old_end - old_start):
                    yield DiffLine(
                        "same", old_start + offset + 1, new_start + offset + 1, old[old_start + offset]
                    )
                continue
            for index in range(old_start, old_end):
                yield DiffLine("removed", index + 1, None, old[index])
            for index in range(new_start, new_end):
                yield DiffLine("added", None, index + 1, new[index])
        last = group[-1][2]
    if last < len(old):
        yield DiffLine("skip", None, None, "")
