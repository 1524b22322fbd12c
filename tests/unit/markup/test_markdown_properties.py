"""Whatever somebody writes: the pipeline never raises, and its output is safe and well formed."""

import re
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from app.columns.reading.html_tree import VOID
from app.markup.context import Context
from app.markup.lesson_markdown import render_lesson, render_short
from app.markup.sanitize import clean_svg
from tests import injections

_MARKS = [
    "#", "##", "*", "**", "_", "`", "```", "~~", "[", "]", "(", ")", "!", "{", "}", "$", "$$", ">", "-", "1.", "|", "|---|", ":::", "::: tip", "::: figure x",
    "::: lab a", "::: quiz q", "[^1]", "[^1]:", "{term=a}", "{#a}", "\\", "&", "&amp;", "<", ">", "<b>", "<script>", "javascript:", "https://a.example/", "figures/a.svg",
    "lesson:01-a#b", "hl=\"1-2\"", "\\frac{1}{2}", "\n", "\n\n", "    ", "\t", " ", "\u00a0", "\x00", "“", "”", "，", "学", "习", "a", "b", "drawing-0", "'", '"',
]  # fmt: skip
texts = st.one_of(
    st.lists(st.one_of(st.sampled_from(_MARKS), st.text(max_size=4)), max_size=40).map("".join),
    st.text(max_size=200),
)
attempts = st.lists(st.one_of(st.sampled_from(injections.PAYLOADS), st.sampled_from(_MARKS)), max_size=8).map(
    "".join
)
# Attributes that browsers treat as text, never as an address.
_WORDS = {"alt", "title", "aria-label", "class", "id", "data-term"}
DRAWING = b'<svg viewBox="0 0 4 4"><g class="x"><circle r="2"/></g></svg>'


class _Checked(HTMLParser):
    """Reports scripts, handlers, executable addresses, and elements not closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {
            "script",
            "style",
            "iframe",
            "object",
            "embed",
            "base",
            "meta",
            "link",
            "form",
            "input",
            "animate",
            "set",
            "use",
            "foreignobject",
        }
        for name, value in attrs:
            assert not name.startswith("on") and name not in {"style", "srcdoc", "formaction", "srcset"}
            assert (
                not re.match(r"[\s\x00-\x20]*(javascript|vbscript|data)\s*:", value or "", re.I)
                or name in _WORDS
            )
            assert name != "src" or not re.match(r"\s*(\w+:|//)", value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def _check(text: str) -> None:
    context = Context(picture=lambda name: DRAWING if name == "figures/a.svg" else None)
    rendering = render_lesson(text, context)
    for segment in rendering.segments:
        _Checked(segment.get("html", "") + segment.get("caption", ""))
        names = [segment.get("figure"), segment.get("lab"), *segment.get("quiz", [])]
        assert all(name is None or re.fullmatch(r"[a-z0-9-]+", name) for name in names)
    assert all(0 <= fault.line <= text.count("\n") + text.count("\r") + 1 for fault in rendering.faults)
    _Checked(render_short(text))


@settings(max_examples=250, deadline=None)
@given(texts)
def test_any_text_renders_to_something_safe(text: str) -> None:
    _check(text)


@settings(max_examples=150, deadline=None)
@given(attempts)
def test_any_mixture_of_attempts_renders_to_something_safe(text: str) -> None:
    _check(text)


@settings(max_examples=150, deadline=None)
@given(attempts)
def test_any_drawing_is_safe_or_refused(text: str) -> None:
    try:
        drawing = clean_svg(f'<svg class="{text}">{text}</svg>')
    except ValueError:
        return
    _Checked(drawing)
    assert "<svg" in drawing
