"""Writing TOML: for exported courses, for parts of lessons that forms change, and for imported columns."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

_BARE_KEY = re.compile(r"^[A-Za-z0-9_-]+$")


def toml_pair(key: str, part: Any) -> str:
    return f"{toml_key(key)} = {toml_value(part)}"


def toml_key(name: str) -> str:
    return name if _BARE_KEY.match(name) else toml_string(name)


def toml_string(text: str) -> str:
    """A basic string; JSON's escapes are a subset of TOML's, which also escapes one more control character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def toml_value(part: Any) -> str:
    """A TOML value; lists of tables take one line per element."""
    match part:
        case bool():
            return "true" if part else "false"
        case str():
            return toml_string(part)
        case float() if part.is_integer() and abs(part) < 1e15:
            return str(int(part))
        case int() | float():
            return repr(part)
        case Mapping():
            return "{ " + ", ".join(toml_pair(key, inner) for key, inner in part.items()) + " }"
        case Sequence() if part and isinstance(part[0], Mapping):
            return "[\n" + "".join(f"  {toml_value(inner)},\n" for inner in part) + "]"
        case Sequence():
            return "[" + ", ".join(toml_value(inner) for inner in part) + "]"
    raise TypeError(f"expected a value that TOML knows, got {part!r}")
