"""External pictures of a draft, fetched once somebody allows their host: from then on they are files of the lesson."""

import re
import socket
from collections.abc import Callable, Collection
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ipaddress import IPv6Address, ip_address, ip_network
from ssl import create_default_context
from time import monotonic
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    ProxyHandler,
    Request,
    build_opener,
)

from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.storage import read
from app.courses.models import LessonDraft
from app.markup.picture_size import kind_of
from app.markup.rendering import outside_pictures
from app.publishing.prepare import digest
from app.publishing.revisions import store_picture

LARGEST = 5_000_000
PATIENCE = 15.0
Fetch = Callable[[str], bytes]


class PictureRefused(ValueError):
    """The picture was not fetched; the message says why."""


def pictures_by_host(draft: LessonDraft) -> dict[str, list[str]]:
    """The addresses of external pictures in a draft, by host."""
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
    """Fetch a draft's pictures from `hosts`; returns address -> name in the lesson, or why it was refused.

    The caller commits. A refused picture stays a link.
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
    _must_be_of_the_web(address)
    # Ignores proxies in the environment: a proxy would resolve the name again.
    opener = build_opener(ProxyHandler({}), _OpenPublicly(), _OpenPubliclyWithTls(), _WebRedirects())
    try:
        with opener.open(Request(address, headers={"User-Agent": "Sophora"}), timeout=PATIENCE) as answer:
            content = _read(answer)
    except (URLError, OSError, HTTPException, ValueError) as error:
        refusal = getattr(error, "reason", error)
        if isinstance(refusal, PictureRefused):
            raise refusal from None
        raise PictureRefused(f"it cannot be fetched: {error}") from None
    if len(content) > LARGEST:
        raise PictureRefused(f"it is larger than {LARGEST // 1_000_000} MB")
    return content


def connect_publicly(host: str, port: int, timeout: float | None) -> socket.socket:
    """Connect to a host on the public web, at the very address that was checked, so that DNS rebinding leads nowhere else.

    Raises PictureRefused: an imported file must not make the server talk to internal hosts.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, ValueError) as error:
        raise PictureRefused(f"its host is not known: {error}") from None
    if not all(is_public(str(entry[4][0])) for entry in found):
        raise PictureRefused(f"{host} is no host of the public web")
    address = found[0][4]
    return socket.create_connection((str(address[0]), port), timeout)


def is_public(address: str) -> bool:
    """Whether the address is globally routable. Addresses that embed another one are judged by it, or refused."""
    parsed = ip_address(address.partition("%")[0])
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return is_public(str(parsed.ipv4_mapped))
        if parsed.sixtofour or parsed.teredo or parsed in _NAT64:
            return False
    return parsed.is_global and not parsed.is_multicast


_NAT64 = ip_network("64:ff9b::/96")


class _PublicConnection(HTTPConnection):
    def connect(self) -> None:
        self.sock = connect_publicly(self.host, self.port, self.timeout)


class _PublicTlsConnection(HTTPSConnection):
    def connect(self) -> None:
        raw = connect_publicly(self.host, self.port, self.timeout)
        self.sock = self._context.wrap_socket(raw, server_hostname=self.host)  # type: ignore[attr-defined] # as its base class does


class _OpenPublicly(HTTPHandler):
    def http_open(self, req: Request) -> Any:
        return self.do_open(_PublicConnection, req)


class _OpenPubliclyWithTls(HTTPSHandler):
    def https_open(self, req: Request) -> Any:
        return self.do_open(_PublicTlsConnection, req, context=create_default_context())


class _WebRedirects(HTTPRedirectHandler):
    def redirect_request(
        self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Request | None:
        _must_be_of_the_web(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _must_be_of_the_web(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise PictureRefused("expected an address that begins with http:// or https://")


def _read(answer: HTTPResponse) -> bytes:
    """At most one byte more than allowed. A server that trickles bytes is abandoned after PATIENCE seconds."""
    content, until = b"", monotonic() + PATIENCE
    while len(content) <= LARGEST and (piece := answer.read1(65_536)):
        content += piece
        if monotonic() > until:
            raise PictureRefused(f"it did not arrive within {PATIENCE:.0f} seconds")
    return content


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
