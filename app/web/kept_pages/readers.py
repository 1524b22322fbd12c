"""Cached pages of signed-in readers, sent again as long as nothing that they show has changed.

A reader's page depends on far more than its address, so an expiry time alone is not enough. A `Stamp` is its validator: one
query over all that the page shows, whose row changes whenever the page would. The stamp is taken before the page is
rendered, stored with it, and taken again at the next visit; if it is the same, the cached page is sent without
routing, templates or compression. A change in between makes the stored stamp older than the page: then the page is
rendered once more than needed, never once too few.

The nonce is an HMAC of the page, as in `app.web.kept_pages.visitors`.
"""

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.config import get_settings
from app.core.db import session_scope
from app.core.errors import Busy
from app.web.fragments import asks_for_fragment
from app.web.kept_pages.visitors import THEMES, KeptPage, Recorder, accepted_encoding, kept_page, send_kept
from app.web.security.bounds import headers_too_large
from app.web.security.cookies import cookies_of, session_cookie_name
from app.web.security.headers import accepted_languages, reader_language

# stamp(session, token of the reader's session, parts of the address): None if nothing cached may be sent, because the session
# has ended, for example, or its use has to be recorded.
Stamp = Callable[[Session, str, Mapping[str, str]], tuple[Any, ...] | None]

CAPACITY = 512
# A session's is shorter; forged ones must not fill the memory.
LONGEST_TOKEN = 100
# The form token in a page is valid for a day at least; while templates are being edited, a second is enough.
FRESH_SECONDS = {"production": 600.0, "development": 1.0}
# Taking the stamp makes a visit slower: only a page requested repeatedly is cached.
REMEMBER_SECONDS = 600.0

Key = tuple[str, str, str, str]


@dataclass
class Visit:
    """A request for a page; from the second one on, with the cached page and its stamp."""

    at: float
    stamp: tuple[Any, ...] | None = None
    page: KeptPage | None = None


class ReaderPages:
    """Middleware for the addresses with a stamp; every other request passes through."""

    def __init__(self, app: ASGIApp, stamps: Mapping[str, Stamp]) -> None:
        self.app = app
        self.stamps = [(re.compile(pattern), stamp) for pattern, stamp in stamps.items()]
        self.visits: OrderedDict[Key, Visit] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._stamp_of(scope)
        key = _key(scope) if found else None
        if found is None or key is None:
            return await self.app(scope, receive, send)
        visit = self.visits.get(key)
        if visit is None or time.monotonic() - visit.at > REMEMBER_SECONDS:
            self._remember(key, Visit(time.monotonic()))
            return await self.app(scope, receive, send)
        try:
            stamp = await scope["app"].state.admission.run(_take, found[0], key[0], found[1])
        except Busy:  # an inner layer renders the same error as a page
            return await self.app(scope, receive, send)
        if visit.page and stamp is not None and stamp == visit.stamp and self._is_fresh(visit.page):
            return await send_kept(visit.page, scope, send)
        await self._render(key, stamp, scope, receive, send)

    async def _render(
        self, key: Key, stamp: tuple[Any, ...] | None, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if stamp is None:
            return await self.app(scope, receive, send)
        scope.setdefault("state", {})
        answer = Recorder(scope, send, keeps="for_this_reader")
        await self.app(scope, receive, answer)
        if not answer.is_kept_back:
            return
        page = kept_page(answer, scope["state"]["csp_nonce"], [accepted_encoding(scope)])
        self._remember(key, Visit(time.monotonic(), stamp, page))
        await send_kept(page, scope, send)

    def _stamp_of(self, scope: Scope) -> tuple[Stamp, dict[str, str]] | None:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["query_string"]:
            return None
        matches = ((pattern.fullmatch(scope["path"]), stamp) for pattern, stamp in self.stamps)
        return next(((stamp, match.groupdict()) for match, stamp in matches if match), None)

    def _is_fresh(self, page: KeptPage) -> bool:
        return time.monotonic() - page.kept_at < FRESH_SECONDS[get_settings().environment]

    def _remember(self, key: Key, visit: Visit) -> None:
        self.visits[key] = visit
        self.visits.move_to_end(key)
        while len(self.visits) > CAPACITY:
            self.visits.popitem(last=False)


def _take(stamp: Stamp, token: str, parts: Mapping[str, str]) -> tuple[Any, ...] | None:
    with session_scope(writes=False) as session:
        return stamp(session, token, parts)


def _key(scope: Scope) -> Key | None:
    """(token of the session, address, other request data the page depends on, encoding); None for a visitor."""
    if headers_too_large(scope["headers"]):
        return None
    cookies = cookies_of(scope["headers"])
    token, theme = cookies.get(session_cookie_name()), cookies.get("theme", "auto")
    is_part = asks_for_fragment(scope["headers"])
    if not token or len(token) > LONGEST_TOKEN or theme not in THEMES or is_part:
        return None
    language = reader_language(cookies, accepted_languages(scope))
    return token, scope["path"], f"{language} {theme}", accepted_encoding(scope)
