"""Pictures that a draft only links to, fetched once somebody allows their host: from then on they are files of the lesson."""

import ipaddress
import re
import socket
from collections.abc import Callable, Collection
from http.client import HTTPException
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from sqlalchemy.orm import Session

from app.clock import now
from app.courses.models import LessonDraft
from app.courses.picture_size import kind_of
from app.courses.publishing import digest
from app.courses.rendering import outside_pictures
from app.courses.revisions import store_picture
from app.storage import read

LARGEST = 5_000_000
PATIENCE = 15.0
Fetch = Callable[[str], bytes]


class PictureRefused(ValueError):
    """The picture was not taken; the message says why."""


def pictures_by_host(draft: LessonDraft) -> dict[str, list[str]]:
    """The addresses of outside pictures in a draft, by host."""
    found: dict[str, list[str]] = {}
    for language in ("zh", "en"):
        for address in outside_pictures(draft.sources.get(f"{language}.md", "")):
            addresses = found.setdefault(urlsplit(address).hostname or "", [])
            if address not in addresses:
                addresses.append(address)
    return found


def allow_pictures(
    session: Session, draft: LessonDraft, hosts: Collection[str], fetch: Fetch | None = None
) -> dict[str, str]:
    """Fetch a draft's pictures from `hosts` into it; address -> name in the lesson, or why it was refused.

    The caller commits. What was refused stays a link.
    """
    outcome: dict[str, str] = {}
    sources, pictures = dict(draft.sources), dict(draft.pictures)
    for host, addresses in pictures_by_host(draft).items():
        for address in addresses if host in hosts else ():
            try:
                name, key = _take(address, pictures, fetch or fetch_picture)
            except PictureRefused as refusal:
                outcome[address] = str(refusal)
                continue
            pictures[name], outcome[address] = key, name
            for file in ("zh.md", "en.md"):
                sources[file] = (
                    sources.get(file, "")
                    .replace(f"]({address}", f"]({name}")
                    .replace(f"](<{address}>", f"]({name}")
                )
    if pictures != draft.pictures:
        draft.sources, draft.pictures = sources, pictures
        draft.digest = digest(sources, {name: read(key) or b"" for name, key in pictures.items()})
        draft.version, draft.updated_at = draft.version + 1, now()
        session.flush()
    return outcome


def fetch_picture(address: str) -> bytes:
    """The bytes of a picture on the public web. Raises PictureRefused."""
    _must_be_public(address)
    opener = build_opener(_PublicRedirects())
    try:
        with opener.open(Request(address, headers={"User-Agent": "Sophora"}), timeout=PATIENCE) as answer:
            content: bytes = answer.read(LARGEST + 1)
    except (URLError, OSError, HTTPException, ValueError) as error:
        raise PictureRefused(f"it cannot be fetched: {error}") from None
    if len(content) > LARGEST:
        raise PictureRefused(f"it is larger than {LARGEST // 1_000_000} MB")
    return content


class _PublicRedirects(HTTPRedirectHandler):
    def redirect_request(
        self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Request | None:
        _must_be_public(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _must_be_public(address: str) -> None:
    """An imported file must not make the server talk to machines behind it."""
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise PictureRefused("expected an address that begins with http:// or https://")
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError, ValueError) as error:
        raise PictureRefused(f"its host is not known: {error}") from None
    if not all(ipaddress.ip_address(entry[4][0]).is_global for entry in found):
        raise PictureRefused(f"{parts.hostname} is no host of the public web")


def _take(address: str, pictures: dict[str, Any], fetch: Fetch) -> tuple[str, str]:
    content = fetch(address)
    kind = kind_of(content)
    if kind is None:
        raise PictureRefused("it is no SVG, PNG, JPEG, GIF or WebP")
    stem = (
        re.sub(
            r"[^a-z0-9]+", "-", urlsplit(address).path.rpartition("/")[2].rpartition(".")[0].lower()
        ).strip("-")[:40]
        or "picture"
    )
    suffix = "jpg" if kind == "jpeg" else kind
    name, number = f"figures/{stem}.{suffix}", 2
    while name in pictures:
        name, number = f"figures/{stem}-{number}.{suffix}", number + 1
    return name, store_picture(name, content)
