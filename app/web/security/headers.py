"""Pure ASGI middleware: sets nonce, security headers, the reader's language and a log context for every request."""

import re
import secrets
from collections.abc import Mapping
from functools import lru_cache
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.config import get_settings
from app.core.i18n import DEFAULT_LANGUAGE, LANGUAGES, current_language
from app.web.security.cookies import cookies_of
from app.web.security.proxies import client_scheme

LONGEST_LANGUAGES = 200
_WEIGHT = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


def content_security_policy(nonce: str) -> str:
    directives = {
        "default-src": "'none'",
        "script-src": f"'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "manifest-src": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


class PageMiddleware:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        headers = Headers(scope=scope)
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["csp_nonce"] = nonce
        language = reader_language(cookies_of(scope["headers"]), accepted_languages(scope))
        current_language.set(language)
        scope["scheme"] = client_scheme(scope)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=_request_id(headers))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                add_security_headers(MutableHeaders(scope=message), nonce)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _request_id(headers: Headers) -> str:
    """A proxy's id if it has the right form: it appears in every log line."""
    given = headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid4().hex[:12]


def reader_language(cookies: Mapping[str, str], accepted: bytes = b"") -> str:
    """The reader's choice from the language cookie; otherwise the browser's preference, otherwise the default."""
    value = cookies.get("language", "")
    return value if value in LANGUAGES else _preferred(accepted)


def accepted_languages(scope: Scope) -> bytes:
    """The header Accept-Language; empty if it is longer than any browser's."""
    sent = next((value for name, value in scope["headers"] if name == b"accept-language"), b"")
    return sent if len(sent) <= LONGEST_LANGUAGES else b""


@lru_cache(maxsize=256)
def _preferred(accepted: bytes) -> str:
    """Our most preferred language: zh-TW is Chinese, en-GB English. Ties go to the earlier one."""
    wanted: dict[str, float] = {}
    for entry in accepted.decode("latin-1").lower().split(","):
        tag, _, weight = entry.partition(";")
        language = tag.strip().partition("-")[0]
        match = _WEIGHT.fullmatch(weight.strip())
        if language in LANGUAGES and (match or not weight):
            quality = float(match[1]) if match else 1.0
            wanted[language] = max(quality, wanted.get(language, 0.0))
    best = max(wanted, key=wanted.__getitem__, default=DEFAULT_LANGUAGE)
    return best if wanted.get(best) else DEFAULT_LANGUAGE


def add_security_headers(headers: MutableHeaders, nonce: str) -> None:
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    if get_settings().secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if headers.get("content-type", "").startswith("text/html"):
        headers.setdefault("Content-Security-Policy", content_security_policy(nonce))
        headers.setdefault("Cache-Control", "private, no-cache")
        headers.add_vary_header("Cookie, Accept-Language")
    elif headers.get("content-type", "").startswith("application/json"):
        # Nearly all responses are private; none is worth caching.
        headers.setdefault("Cache-Control", "no-store")
