"""Lessons' texts and drawings, parsed in a sandboxed process: no text can block other requests (see `app.core.sandbox`).

All of Sophora calls these functions; inside the process they call `render_lesson` and the like. What takes too long is returned
as plain text, with a fault that says so: it is shown in a preview, and never published.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from typing import Any, cast

from app.core import sandbox
from app.core.errors import AppError
from app.core.i18n import N_
from app.core.sandbox import MEGABYTE, AllBusy, LimitExceeded, Limits
from app.markup.context import Fault, Offered, Rendering

# The longest lessons take half a second.
LESSON = Limits(cpu_seconds=10, wall_seconds=60, memory=768 * MEGABYTE, lane="long")
DRAWING = Limits(cpu_seconds=5, wall_seconds=30, memory=768 * MEGABYTE, lane="long")
TOO_LONG = "laying out this text takes too long, or too much memory: it is shown as it was typed"

sandbox.preload("app.markup.helper")


class Busy(AppError):
    status = 503
    message = N_("Many texts are waiting to be formatted right now. Please try again in a moment.")


# A short text with its language.
Short = tuple[str, str]
ShortHtml = tuple[str, list[Fault]]


def lesson_text(text: str, offered: Offered) -> Rendering:
    """The rendering of a lesson's text in one language. Raises Busy."""
    return cast(Rendering, _run("lesson_text", text, offered, instead=partial(_plain_lesson, text)))


def short_texts(texts: Sequence[Short]) -> list[ShortHtml]:
    """The HTML of short texts, in order. Raises Busy."""
    if not texts:
        return []
    instead = partial(_plain_shorts, texts)
    return cast(list[ShortHtml], _run("short_texts", list(texts), instead=instead))


def outside_pictures(text: str) -> list[str]:
    """The addresses of external pictures in a text, in order."""
    return cast(list[str], _run("outside_pictures", text, instead=list))


def clean_drawing(content: bytes) -> str:
    """An SVG drawing reduced to shapes and text. Raises ValueError if there is none, or it takes too long."""
    return cast(str, _run("clean_drawing", content, limits=DRAWING, instead=_refuse_drawing))


def _run(function: str, *arguments: Any, instead: Callable[[], Any], limits: Limits | None = None) -> Any:
    return in_helper(f"app.markup.helper:{function}", *arguments, limits=limits or LESSON, instead=instead)


def in_helper(function: str, *arguments: Any, limits: Limits, instead: Callable[[], Any]) -> Any:
    """The result of "module:function" in a sandboxed process, or of `instead` if that takes too long. Raises Busy."""
    try:
        return sandbox.run(function, *arguments, limits=limits)
    except LimitExceeded:
        return instead()
    except AllBusy:
        raise Busy from None


def _plain_lesson(text: str) -> Rendering:
    html = "".join(f"<p>{_plain(part)}</p>\n" for part in text.split("\n\n") if part.strip())
    return Rendering(
        segments=[{"html": html}], contents=[], text=" ".join(text.split()), faults=[Fault(0, TOO_LONG)], links=[],
        anchors=frozenset({"end"}), used_terms=frozenset(), used_pictures=frozenset(),
    )  # fmt: skip


def _plain_shorts(texts: Sequence[Short]) -> list[ShortHtml]:
    """Which of them is slow is unknown: the fault is put at the first, for the whole file."""
    return [
        (f"<p>{_plain(text)}</p>\n", [Fault(0, TOO_LONG)] if not number else [])
        for number, (text, _language) in enumerate(texts)
    ]


def _plain(text: str) -> str:
    return escape(text.strip()).replace("\n", "<br>\n")


def _refuse_drawing() -> str:
    raise ValueError("this drawing takes too long to read")
