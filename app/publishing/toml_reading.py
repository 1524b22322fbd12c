"""TOML that an author writes, with bounds that `tomllib` lacks."""

import re
import tomllib
from typing import Any

# `tomllib` copies all parts of a key for each of them; a lesson's deepest has four.
MOST_PARTS = 40
_LONG_KEY = re.compile(
    rf"""(?:^|[{{,])[ \t]*+\[{{0,2}}+[ \t]*+(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{MOST_PARTS}}}""",
    re.MULTILINE,
)


def loads(text: str) -> dict[str, Any]:
    """Raises tomllib.TOMLDecodeError, also for what is nested too deep."""
    long_key = _LONG_KEY.search(text)
    if long_key:
        line = text.count("\n", 0, long_key.start() + 1) + 1
        raise tomllib.TOMLDecodeError(f"a key has more than {MOST_PARTS} parts (at line {line}, column 1)")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise tomllib.TOMLDecodeError("brackets are nested too deep") from None
