"""Cached pages for visitors: rendered, compressed and identified by an ETag.

A page for visitors depends only on its address, the language and the theme. The route declares that with
`for_every_visitor(request)`; the finished answer is then cached here, outside everything else, for
FRESH_SECONDS or until this process changes a course or a comment, whichever comes first. So an edit shows at once in the process
that made it, and within a second or two in others.

Each page's scripts carry a nonce. A page that browsers cache and revalidate with its ETag reuses its
nonce in any case; so here the nonce belongs to the page: an HMAC of its finished content. Injecting a script changes
the content and hence the nonce, which cannot be computed without the installation's secret.
"""

import base64
import gzip
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import brotli
from fastapi import Request
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.db import Base
from app.core.signing import signature
from app.web.fragments import asks_for_fragment
from app.web.security.bounds import headers_too_large
from app.web.security.cookies import cookies_of, session_cookie_name
from app.web.security.headers import accepted_languages, reader_language

FRESH_SECONDS = 1.0
CAPACITY = 256
# Longer cookie headers are not memoised: they are a stranger's input.
LONGEST_COOKIES = 2048
LONGEST_ENCODINGS = 200
THEMES = {"auto", "light", "dark"}
# Queries of cached pages; any other query is rendered anew.
QUERIES = {b"", b"order=newest", b"limit=100", b"order=newest&limit=100"}
# Tables that visitors read: features declare theirs with `also_shown`, or with what they put into a `KeptSlot`.
_shown: tuple[type[Base], ...] = ()
COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "br": partial(brotli.compress, quality=5),
    "gzip": partial(gzip.compress, compresslevel=6, mtime=0),
    "identity": bytes,
}

# Path, query, whether a script asks for a fragment, language, theme.
Key = tuple[str, str, str, str, str]


def also_shown(*tables: type[Base]) -> None:
    """A changed row in these tables invalidates the cached pages."""
    global _shown
    _shown += tables


def for_every_visitor(request: Request) -> None:
    """Called by a route whose page is the same for all visitors."""
    if getattr(request.state, "user", None) is None:
        request.state.for_every_visitor = True


def for_this_reader(request: Request) -> None:
    """Called by a route whose page, for signed-in readers, changes with its stamp only; see `app.web.kept_pages.readers`."""
    if getattr(request.state, "user", None) is not None:
        request.state.for_this_reader = True


@dataclass(frozen=True)
class KeptPage:
    """An answer in each encoding, with its headers; `generation` is the change counter it was made at."""

    bodies: dict[str, bytes]
    headers: dict[str, list[tuple[bytes, bytes]]]
    etag: str
    kept_at: float
    generation: int


class VisitorStore:
    """The cached pages of one web process."""

    def __init__(self) -> None:
        self.pages: OrderedDict[Key, KeptPage] = OrderedDict()

    def fresh(self, key: Key) -> KeptPage | None:
        """None if the page has to be rendered. Of concurrent requests for a stale page, the first renders it."""
        page = self.pages.get(key)
        if page is None or page.generation != _changes.count:
            return None
        if time.monotonic() - page.kept_at > FRESH_SECONDS:
            self.pages[key] = replace(page, kept_at=time.monotonic())
            return None
        return page

    def keep(self, key: Key, page: KeptPage) -> None:
        self.pages[key] = page
        self.pages.move_to_end(key)
        while len(self.pages) > CAPACITY:
            self.pages.popitem(last=False)


class VisitorPages:
    """Outermost middleware: a fresh cached page needs neither the database nor a template nor any other middleware."""

    def __init__(self, app: ASGIApp, store: VisitorStore) -> None:
        self.app, self.store = app, store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = _key(scope)
        page = self.store.fresh(key) if key else None
        if page is None:
            return await self.app(scope, receive, send)
        await send_kept(page, scope, send)


class RecordVisitorPages:
    """Middleware inside compression: caches the pages that routes allow to be cached."""

    def __init__(self, app: ASGIApp, store: VisitorStore) -> None:
        self.app, self.store = app, store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = _key(scope)
        if key is None:
            return await self.app(scope, receive, send)
        generation = _changes.count
        scope.setdefault("state", {})
        answer = Recorder(scope, send)
        await self.app(scope, receive, answer)
        if answer.is_kept_back:
            page = kept_page(answer, scope["state"]["csp_nonce"], COMPRESSIONS, generation)
            self.store.keep(key, page)
            await send_kept(page, scope, send)


class Recorder:
    """Buffers an answer whose route allowed it by the mark `keeps`; passes every other one through."""

    def __init__(self, scope: Scope, send: Send, keeps: str = "for_every_visitor") -> None:
        self.scope, self.send, self.keeps = scope, send, keeps
        self.is_kept_back = False
        self.start: Message = {}
        self.body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
            self.is_kept_back = (
                self.scope["state"].get(self.keeps, False)
                and message["status"] == 200
                and "set-cookie" not in Headers(raw=message["headers"])
            )
        if not self.is_kept_back:
            return await self.send(message)
        self.body += message.get("body", b"")


def _key(scope: Scope) -> Key | None:
    """The cache key of a visitor's page; None for a request that has to be handled in full."""
    if scope["type"] != "http" or scope["method"] != "GET" or scope["query_string"] not in QUERIES:
        return None
    if headers_too_large(scope["headers"]):
        return None
    part = "part" if asks_for_fragment(scope["headers"]) else "page"
    sent = tuple(header for header in scope["headers"] if header[0] == b"cookie")
    if sum(len(value) for _name, value in sent) > LONGEST_COOKIES:
        return None
    taste = _taste(sent, accepted_languages(scope), session_cookie_name())
    return (scope["path"], scope["query_string"].decode(), part, *taste) if taste else None


@lru_cache(maxsize=1024)
def _taste(
    sent: tuple[tuple[bytes, bytes], ...], accepted: bytes, session_cookie: str
) -> tuple[str, str] | None:
    """(language, theme) from a visitor's headers; None for signed-in readers. Nearly all visitors send the same few."""
    cookies = cookies_of(sent)
    theme = cookies.get("theme", "auto")
    if session_cookie in cookies or theme not in THEMES:
        return None
    return reader_language(cookies, accepted), theme


def kept_page(answer: Recorder, old_nonce: str, encodings: Iterable[str], generation: int = 0) -> KeptPage:
    pieces = bytes(answer.body).split(old_nonce.encode())
    # The content between the nonces, each piece with its length: unlike a marker, that cannot be forged by an author.
    content = b"".join(b"%d:%s" % (len(piece), piece) for piece in pieces)
    etag = hashlib.sha256(content).hexdigest()[:32]
    keyed = signature(b"nonce|" + content)
    nonce = base64.urlsafe_b64encode(keyed[:16]).rstrip(b"=").decode()
    body = nonce.encode().join(pieces)
    bodies = {encoding: COMPRESSIONS[encoding](body) for encoding in encodings}
    return KeptPage(
        bodies=bodies,
        headers={
            encoding: _headers(answer, old_nonce, nonce, etag, encoding, len(body))
            for encoding, body in bodies.items()
        },
        etag=etag,
        kept_at=time.monotonic(),
        generation=generation,
    )


def _headers(
    answer: Recorder, old_nonce: str, nonce: str, etag: str, encoding: str, length: int
) -> list[tuple[bytes, bytes]]:
    headers = MutableHeaders(raw=list(answer.start["headers"]))
    headers["Content-Security-Policy"] = headers["Content-Security-Policy"].replace(old_nonce, nonce)
    headers["Content-Length"] = str(length)
    headers["ETag"] = f'"{etag}-{encoding}"'
    headers.add_vary_header("Accept-Encoding")
    if encoding != "identity":
        headers["Content-Encoding"] = encoding
    return headers.raw


def accepted_encoding(scope: Scope) -> str:
    accepted = next((value for name, value in scope["headers"] if name == b"accept-encoding"), b"")
    return _best(accepted[:LONGEST_ENCODINGS])


@lru_cache(maxsize=256)
def _best(accepted: bytes) -> str:
    return next((name for name in ("br", "gzip") if name.encode() in accepted), "identity")


async def send_kept(page: KeptPage, scope: Scope, send: Send) -> None:
    encoding = accepted_encoding(scope)
    known = next((value for name, value in scope["headers"] if name == b"if-none-match"), b"")
    if f'"{page.etag}-{encoding}"'.encode() in known:
        left_out = {b"content-length", b"content-encoding", b"content-type"}
        headers = [header for header in page.headers[encoding] if header[0] not in left_out]
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        return await send({"type": "http.response.body", "body": b""})
    await send({"type": "http.response.start", "status": 200, "headers": page.headers[encoding]})
    await send({"type": "http.response.body", "body": page.bodies[encoding]})


class _Changes:
    """Counts this process's commits that change what visitors read."""

    count = 0


_changes = _Changes()


@event.listens_for(Session, "after_flush")
def _note_changed_objects(session: Session, _context: UOWTransaction) -> None:
    if any(
        isinstance(thing, _shown)
        for things in (session.new, session.dirty, session.deleted)
        for thing in things
    ):
        session.info["changes_courses"] = True


@event.listens_for(Session, "do_orm_execute")
def _note_changed_rows(state: ORMExecuteState) -> None:
    """Bulk statements, whether they name the class or its table."""
    changes = state.is_update or state.is_insert or state.is_delete
    if changes and state.statement.table.name in {shown.__tablename__ for shown in _shown}:  # type: ignore[attr-defined] # a change has one
        state.session.info["changes_courses"] = True


@event.listens_for(Session, "after_commit")
def _note_commit(session: Session) -> None:
    if session.info.pop("changes_courses", False):
        _changes.count += 1
