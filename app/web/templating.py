"""Jinja2 in the reader's language, and `render()`, which renders every page."""

import json
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from typing import Any
from uuid import uuid4

from anyio import to_thread
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.types import Receive, Scope, Send

from app.core import disk, i18n
from app.core.config import ROOT, get_settings
from app.core.sentences import spoken
from app.core.transactions import is_writing
from app.web import assets
from app.web.leaves import leaf_of
from app.web.security.csrf import form_token


@lru_cache
def environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=get_settings().environment == "development",
    )
    env.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined] # the extension adds it
    env.globals.update(
        _=translated,
        asset=assets.asset,
        gap=gap,
        t=i18n.in_language,
        lang_of=lang_of,
        shown_language=i18n.shown_language,
        lang_attribute=lang_attribute,
        zip=zip,
        min=min,
        max=max,
        disk_is_low=disk.is_low,
        leaf_of=leaf_of,
    )
    env.filters.update(
        percent=percent,
        small_percent=small_percent,
        decimal=decimal,
        duration=duration,
        rough_duration=rough_duration,
        moment=moment,
        day=day,
        day_words=i18n.day_words,
        log_time=log_time,
        embed=embed,
        filesize=filesize,
        spoken=spoken,
    )
    return env


class DrawnLater(HTMLResponse):
    """A page rendered when its response is sent: after its transaction has been committed."""

    def __init__(self, draw: Callable[[], str], status: int, headers: dict[str, str] | None) -> None:
        super().__init__(status_code=status, headers=headers)
        self._draw, self._context = draw, copy_context()
        self._page: str | None = None

    def draw_ahead(self) -> None:
        """Render in the current thread, after the commit. An error is ignored here: sending retries, and reports it."""
        with suppress(Exception):
            self._page = self._context.run(self._draw)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._page is None:
            self._page = await to_thread.run_sync(self._context.run, self._draw)
        self.body = self.render(self._page)
        self.headers["content-length"] = str(len(self.body))
        await super().__call__(scope, receive, send)


def render(
    request: Request, name: str, *, status: int = 200, headers: dict[str, str] | None = None, **context: Any
) -> HTMLResponse:
    """A response with `templates/<name>`. No writer waits while it is rendered."""
    if is_writing():
        return DrawnLater(partial(render_text, request, name, **context), status, headers)
    return HTMLResponse(render_text(request, name, **context), status_code=status, headers=headers)


def render_text(request: Request, name: str, **context: Any) -> str:
    """`templates/<name>` with what every page needs: reader, language, theme, nonce, form token."""
    return (
        environment()
        .get_template(name)
        .render(
            request=request,
            path=request.url.path,
            user=getattr(request.state, "user", None),
            language=i18n.current_language.get(),
            language_tag=i18n.language_tag(),
            theme=request.cookies.get("theme", "auto"),
            csp_nonce=request.state.csp_nonce,
            csrf_token=form_token(request),
            # A page that all visitors share has no key: where its form needs one, the script makes it.
            request_key="" if getattr(request.state, "for_every_visitor", False) else uuid4().hex,
            **context,
        )
    )


def translated(msgid: str, **values: Any) -> Markup:
    """`_()` in a template. Jinja's own resolves the context twice per call, of which a page has a hundred."""
    language = i18n.current_language.get()
    return _markup(language, msgid) % values if values else _plain_markup(language, msgid)


def lang_of(texts: Any) -> Markup:
    """The `lang` attribute of an element whose text exists only in the other language; empty otherwise."""
    language = i18n.shown_language(texts)
    return Markup("") if language == i18n.current_language.get() else lang_attribute(language)


def lang_attribute(language: str) -> Markup:
    return Markup(' lang="{}"').format(i18n.language_tag(language))


def gap() -> str:
    """The separator of two sentences: Chinese has no space after its full stop."""
    return "" if i18n.current_language.get() == "zh" else " "


@lru_cache(maxsize=4096)
def _markup(language: str, msgid: str) -> Markup:
    return Markup(i18n.catalogue(language).gettext(msgid))


@lru_cache(maxsize=4096)
def _plain_markup(language: str, msgid: str) -> Markup:
    return _markup(language, msgid) % {}  # "%%" becomes "%"


def percent(value: float | None, digits: int = 1) -> str:
    """0.9873 -> 98.7%; a dash for None."""
    return "–" if value is None else f"{100 * value:.{digits}f}%"


def small_percent(value: float | None) -> str:
    """A small share with the digits that tell it from others: 0.0123 -> 1.2%, 0.0000345 -> 0.0035%."""
    if value is None or value >= 0.001:
        return percent(value)
    return f"{float(f'{100 * value:.2g}'):.8f}".rstrip("0") + "%" if value >= 1e-8 else "< 0.000001%"


def decimal(value: float | None, digits: int = 4) -> str:
    return "–" if value is None else f"{value:.{digits}g}"


def filesize(size: int) -> str:
    if size < 1024:
        return f"{size} B"
    if size < 2**20:
        return f"{size / 2**10:.0f} KB"
    return f"{size / 2**20:.1f} MB" if size < 2**30 else f"{size / 2**30:.1f} GB"


def duration(seconds: float | None) -> str:
    """A human-readable duration: 40 s, 3 min 5 s, 2 h 10 min."""
    if seconds is None:
        return "–"
    whole = max(0, round(seconds))
    if whole < 60:
        return i18n.gettext("{seconds} s").format(seconds=whole)
    if whole < 3600:
        return i18n.gettext("{minutes} min {seconds} s").format(minutes=whole // 60, seconds=whole % 60)
    return i18n.gettext("{hours} h {minutes} min").format(hours=whole // 3600, minutes=whole % 3600 // 60)


def rough_duration(seconds: float) -> str:
    """A prediction, no more precise than it is: 8 s, 45 s, 2 min, 3 min 30 s, 40 min, 2 h 10 min."""
    step = next((step for below, step in ((10, 1), (60, 5), (600, 30), (3600, 60)) if seconds < below), 600)
    whole = max(1, step * round(seconds / step))
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    if hours and not minutes:
        return i18n.gettext("{hours} h").format(hours=hours)
    if not hours and minutes and not rest:
        return i18n.gettext("{minutes} min").format(minutes=minutes)
    return duration(whole)


def moment(value: datetime | None) -> Markup:
    """A <time> element in UTC; the page's script converts it to the reader's zone."""
    if value is None:
        return Markup("–")
    return Markup('<time datetime="{}">{} UTC</time>').format(
        value.isoformat(), i18n.moment_words(value.astimezone(UTC))
    )


def log_time(value: datetime) -> str:
    """Of a line of a log, whose day is known: to the second, in UTC."""
    return f"{value.astimezone(UTC):%H:%M:%S}"


def day(value: date) -> Markup:
    """A <time> element with a date, which is the same in every zone."""
    return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), i18n.day_words(value))


def embed(value: Any) -> Markup:
    """JSON that is safe inside <script type="application/json">."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))
