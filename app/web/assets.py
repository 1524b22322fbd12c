"""Files built by esbuild: from a plain name to its hashed path."""

import hashlib
import json
from functools import lru_cache

from structlog import get_logger

from app.core import storage
from app.core.config import ROOT

log = get_logger()

DIST = ROOT / "static" / "dist"
# Derived from the others, or never requested by pages.
LEFT_OUT = {".br", ".gz", ".map", ".json", ""}


@lru_cache
def manifest() -> dict[str, str]:
    path = DIST / "manifest.json"
    if not path.exists():
        raise RuntimeError("static/dist is missing: run script/setup (or `node esbuild.mjs`) first")
    return json.loads(path.read_text(encoding="utf-8"))


def has_figure(name: str) -> bool:
    """Whether an interactive figure's script exists: an older stored lesson may name one that is gone."""
    return f"figures/{name}.js" in manifest()


def asset(name: str) -> str:
    """The address of a bundled file, `asset("app.css")`. Raises KeyError for an unknown one."""
    return f"/static/{manifest()[name]}"


def stored_key(path: str) -> str:
    return f"static/{path}"


def share_with_other_versions() -> None:
    """Upload the bundled files to the store: while two versions run, either web server is asked for both versions' files.

    Names contain content hashes, so versions never collide; what this version has uploaded once is not uploaded again.
    """
    files = sorted(path for path in DIST.rglob("*") if path.is_file() and path.suffix not in LEFT_OUT)
    names = [path.relative_to(DIST).as_posix() for path in files]
    done = stored_key(f"shared/{hashlib.sha256(repr(names).encode()).hexdigest()[:32]}")
    try:
        if storage.read(done) is not None:
            return
        for path, name in zip(files, names, strict=True):
            storage.write(stored_key(name), path.read_bytes())
        storage.write(done, b"")
    except Exception as error:  # from whichever store: this version serves its own files all the same
        log.warning("bundled files not shared with other versions", error=str(error).partition("\n")[0])
