"""Conversion between a form's flat fields (`options-0-text-zh`) and nested data ({"options": [{"text": {"zh": …}}]})."""

from collections.abc import Mapping
from typing import Any

from app.web.fields import number_from

# Longest path of a field, in parts; goal-conditions-0-label-zh has five.
DEEPEST = 6


def nested(fields: Mapping[str, str]) -> dict[str, Any]:
    """Fields as nested data, without empty ones: an empty row of a list is dropped."""
    root: dict[str, Any] = {}
    for name, text in fields.items():
        *path, last = name.split("-")
        if len(path) > DEEPEST:
            continue  # not one of ours
        place = root
        for part in path:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                return {}
        place[last] = text.replace("\r\n", "\n").replace("\0", "\ufffd").strip()
    pruned = _pruned(root)
    return pruned if isinstance(pruned, dict) else {}


def flat(structure: Any, name: str = "") -> dict[str, str]:
    """Nested data as the text fields of a form."""
    if isinstance(structure, Mapping):
        parts = [flat(part, f"{name}-{key}" if name else str(key)) for key, part in structure.items()]
    elif isinstance(structure, list):
        parts = [flat(part, f"{name}-{index}") for index, part in enumerate(structure)]
    elif structure is None or structure is False:
        return {}
    else:
        return {name: "on" if structure is True else _number(structure)}
    return {key: text for part in parts for key, text in part.items()}


def _number(value: Any) -> str:
    return (
        str(int(value))
        if isinstance(value, float) and value.is_integer() and abs(value) < 1e15
        else str(value)
    )


def _pruned(value: Any) -> Any:
    if not isinstance(value, dict):
        return value or None
    parts = {key: part for key, inner in value.items() if (part := _pruned(inner)) is not None}
    if not parts:
        return None
    if all(number_from(key, otherwise=-1) >= 0 for key in parts):
        return [parts[key] for key in sorted(parts, key=int)]
    return parts
