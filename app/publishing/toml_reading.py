"""Parsing TOML from authors, with limits that `tomllib` lacks."""

import re
import tomllib
from typing import Any

# `tomllib` takes quadratic time in a key's parts; a lesson's deepest key has four.
MOST_PARTS = 40
_LONG_KEY = re.compile(
    rf"""(?:^|[{{,])[ \t]*+\[{{0,2}}+[ \t]*+(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{MOST_PARTS}}}""",
    re.MULTILINE,
)


def loads(text: str) -> dict[str, Any]:
    """Raises tomllib.TOMLDecodeError, also for excessive nesting."""
    long_key = _LONG_KEY.search(text)
    if long_key:
        line = text.count("\n", 0, long_key.start() + 1) + 1
        raise tomllib.TOMLDecodeError(f"a key has more than {MOST_PARTS} parts (at line {line}, column 1)")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise tomllib.TOMLDecodeError("brackets are nested too deep") from None
