"""Files: artefacts of jobs, pictures of lessons. A local folder or any S3-compatible store, by SOPHORA_STORAGE_URL."""

from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import obstore
from obstore.exceptions import NotFoundError
from obstore.store import ObjectStore, from_url

from app.config import get_settings


@lru_cache
def _store() -> ObjectStore:
    url = get_settings().storage_url
    if url.startswith("file:"):
        Path(url2pathname(urlsplit(url).path)).mkdir(parents=True, exist_ok=True)
    return from_url(url)


def write(key: str, content: bytes) -> None:
    """Store `content` whole, or not at all."""
    obstore.put(_store(), key, content)


def read(key: str) -> bytes | None:
    """The content, or None where there is no such file."""
    try:
        return bytes(obstore.get(_store(), key).bytes())
    except (NotFoundError, FileNotFoundError):
        return None


def delete(*keys: str) -> None:
    """Remove files; one that is gone already is no error."""
    for key in keys:
        try:
            obstore.delete(_store(), key)
        except (NotFoundError, FileNotFoundError):
            continue


def delete_below(prefix: str) -> None:
    """Remove every file whose key begins with `prefix`, which ends with a slash."""
    for batch in obstore.list(_store(), prefix=prefix):
        delete(*(entry["path"] for entry in batch))


def is_reachable() -> bool:
    """True where the store takes a file and gives it back."""
    write("health/probe", b"ok")
    return read("health/probe") == b"ok"
