"""Editing one entry of an array of tables in a TOML file ([[questions]], [[labs]]) without touching the rest of the file."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from app.publishing import toml_reading
from app.publishing.toml_writing import toml_pair

_HEADER = re.compile(r"^\s*\[\[?\s*([\w.\-]+)\s*\]\]?\s*(?:#.*)?$")
# Keys written as sub-tables below their entry, not inline.
_SUBTABLES: Mapping[str, Sequence[str]] = {
    "labs": ("guess", "goal", "measured"),
    "questions": (),
    "terms": (),
}


# Longest value, in lines; every possible end is tried.
MOST_LINES = 40


class CannotEdit(ValueError):
    """The file is written in a way that does not let one entry be isolated."""


def append(text: str, array: str, entry: Mapping[str, Any]) -> str:
    """`text` with one more entry at the end of `array`."""
    before = text.rstrip("\n")
    changed = (before + "\n\n" if before else "") + block(array, entry)
    return _checked(text, changed, array, [*_entries(text, array), dict(entry)])


def replace(text: str, array: str, index: int, entry: Mapping[str, Any] | None) -> str:
    """`text` with the entry at `index` replaced (None: removed). Raises CannotEdit."""
    lines = text.split("\n")
    start, end = _span(lines, array, index)
    tail = lines[end:]
    middle = (
        block(array, entry).rstrip("\n").split("\n") + [""] * _blank_lines(lines[start:end])
        if entry is not None
        else []
    )
    entries: list[Any] = _entries(text, array)
    expected = [*entries[:index], *([dict(entry)] if entry is not None else []), *entries[index + 1 :]]
    return _checked(text, "\n".join([*lines[:start], *middle, *tail]), array, expected)


def set_values(text: str, values: Mapping[str, Any]) -> str:
    """`text` with other values for top-level keys, above all tables; None removes a key. Raises CannotEdit."""
    lines = text.split("\n")
    end = next((number for number, line in enumerate(lines) if _HEADER.match(line)), len(lines))
    head, tail = lines[:end], lines[end:]
    for place, (key, wanted) in enumerate(values.items()):
        start, stop = _value_span(head, key) or (min(place, len(head)),) * 2
        head[start:stop] = [] if wanted is None else [toml_pair(key, wanted)]
    after = "\n".join([*head, *tail])
    try:
        old, new = toml_reading.loads(text), toml_reading.loads(after)
    except tomllib.TOMLDecodeError as error:
        raise CannotEdit(str(error)) from None
    if new != {key: part for key, part in {**old, **values}.items() if part is not None}:
        raise CannotEdit("this file is written in a way that the form cannot change")
    return after


def _value_span(lines: list[str], key: str) -> tuple[int, int] | None:
    """The (start, end) lines of `key = …`, which may be several; None if absent."""
    start = next((n for n, line in enumerate(lines) if re.match(rf"\s*{re.escape(key)}\s*=", line)), None)
    if start is None:
        return None
    for stop in range(start + 1, min(len(lines), start + MOST_LINES) + 1):
        try:
            if list(toml_reading.loads("\n".join(lines[start:stop]))) == [key]:
                return start, stop
        except tomllib.TOMLDecodeError:
            continue
    raise CannotEdit(f"the value of {key} has no end")


def block(array: str, entry: Mapping[str, Any]) -> str:
    """An entry as TOML: a header, one line per value, then its sub-tables."""
    tables = [name for name in _SUBTABLES[array] if isinstance(entry.get(name), Mapping)]
    lines = [
        f"[[{array}]]",
        *(toml_pair(name, part) for name, part in entry.items() if name not in tables),
    ]
    for name in tables:
        lines += [
            "",
            f"[{array}.{name}]",
            *(toml_pair(key, part) for key, part in entry[name].items()),
        ]
    return "\n".join(lines) + "\n"


def _entries(text: str, array: str) -> list[Any]:
    try:
        return list(toml_reading.loads(text).get(array, []))
    except tomllib.TOMLDecodeError as error:
        raise CannotEdit(str(error)) from None


def _span(lines: list[str], array: str, index: int) -> tuple[int, int]:
    """The lines from the entry's header up to the next thing that is not part of it; comments above it stay outside."""
    headers = [(number, match[1]) for number, line in enumerate(lines) if (match := _HEADER.match(line))]
    starts = [number for number, name in headers if name == array]
    if index >= len(starts):
        raise CannotEdit(f"there is no [[{array}]] number {index + 1}")
    start = starts[index]
    end = next(
        (number for number, name in headers if number > start and not name.startswith(f"{array}.")),
        len(lines),
    )
    while end > start + 1 and lines[end - 1].lstrip().startswith("#") and end < len(lines):
        end -= 1
    return start, end


def _blank_lines(lines: list[str]) -> int:
    """Number of empty lines that end the entry."""
    return next((number for number, line in enumerate(reversed(lines)) if line.strip()), 0)


def _checked(before: str, after: str, array: str, expected: list[Any]) -> str:
    """`after`, if it differs from `before` in `array` alone. Raises CannotEdit: a string may look like a header, for example."""
    try:
        old, new = toml_reading.loads(before), toml_reading.loads(after)
    except tomllib.TOMLDecodeError as error:
        raise CannotEdit(str(error)) from None
    if new.pop(array, []) != expected or {**old, array: None} != {**new, array: None}:
        raise CannotEdit("this file is written in a way that the form cannot change")
    return after
