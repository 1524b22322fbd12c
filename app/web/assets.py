"""The files that esbuild made: from a plain name to its hashed path."""

import hashlib
import json
from functools import lru_cache

from structlog import get_logger

from app.core import storage
from app.core.config import ROOT

log = get_logger()

DIST = ROOT / "static" / "dist"
# Made of the others, or not asked for by pages.
LEFT_OUT = {".br", ".gz", ".map", ".json", ""}


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


def stored_key(path: str) -> str:
    return f"static/{path}"


def share_with_other_versions() -> None:
    """Put the bundled files into the store: while two versions run, either web server is asked for the files of both.

    Their names hold their hashes, so that the versions never meet; what this version has put there once is not put there again.
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
    except Exception as error:  # of whichever store it is: this version serves its own files all the same
        log.warning("bundled files not shared with other versions", error=str(error).partition("\n")[0])
