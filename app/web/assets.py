"""The files that esbuild made: from a plain name to its hashed path."""

import json
from functools import lru_cache

from app.core.config import ROOT

DIST = ROOT / "static" / "dist"


@lru_cache
def manifest() -> dict[str, str]:
    path = DIST / "manifest.json"
    if not path.exists():
        raise RuntimeError("static/dist is missing: run script/setup (or `node esbuild.mjs`) first")
    return json.loads(path.read_text(encoding="utf-8"))


def has_figure(name: str) -> bool:
    """Whether an interactive figure's script is there: a lesson that was stored before may name one that is gone."""
    return f"figures/{name}.js" in manifest()


def asset(name: str) -> str:
    """The address of a bundled file, `asset("app.css")`. Raises KeyError for an unknown one."""
    return f"/static/{manifest()[name]}"
