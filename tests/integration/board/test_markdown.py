"""The Markdown subset for comments."""

import re
from html.parser import HTMLParser

import pytest

from app.board.text.rendering import render_comment
from app.markup.sanitize import MATHML
from tests import injections


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("`code` and **bold**", "<code>code</code> and <strong>bold</strong>"),
        ("$a_1$", "<math>"),
        ("```python\nx = 1\n```", 'class="language-python"'),
        ("> quoted", "<blockquote>"),
        ("1. one\n2. two", "<ol>"),
        ("[a](https://example.org)", 'rel="nofollow ugc noopener noreferrer"'),
    ],
)
def test_markdown_with_formulas_and_code_is_rendered(text: str, html: str) -> None:
    assert html in render_comment(text)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://example.org/a_b?c=1#d.", "https://example.org/a_b?c=1#d"),
        ("见 https://example.org/a。然后", "https://example.org/a"),
        ("（https://example.org/a）", "https://example.org/a"),
        ("看https://example.org/a，或者", "https://example.org/a"),
        ("看https://example.org/a这里", "https://example.org/a"),
        ("**http://example.org**", "http://example.org"),
    ],
)
def test_a_bare_address_is_a_link_and_ends_before_chinese(text: str, address: str) -> None:
    links = [attributes for tag, attributes in elements(render_comment(text)) if tag == "a"]
    assert links == [{"href": address, "rel": "nofollow ugc noopener noreferrer"}]


@pytest.mark.parametrize(
    "text",
    ["numpy.linalg.org", "me@example.org", "ftp://example.org", "//example.org", "`https://example.org`"],
)
def test_what_is_no_web_address_does_not_become_a_link(text: str) -> None:
    assert "<a" not in render_comment(text)


@pytest.mark.parametrize(
    "text",
    [
        "# heading",
        "![picture](https://example.org/a.png)",
        "<b>html</b>",
        "::: lab first\n:::",
        "heading\n===",
    ],
)
def test_what_does_not_belong_into_a_comment_stays_text(text: str) -> None:
    html = render_comment(text)
    assert not re.search(r"<(h\d|img|b|div|section)\b", html)


ALLOWED = (
    {"p", "br", "hr", "ul", "ol", "li", "blockquote", "pre", "code", "span", "em", "strong", "s", "a", "div"}
    | {"table", "thead", "tbody", "tr", "th", "td"}
    | MATHML
)


def elements(html: str) -> list[tuple[str, dict[str, str | None]]]:
    found: list[tuple[str, dict[str, str | None]]] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: found.append((tag, dict(attrs)))  # type: ignore[method-assign] # the short way
    parser.feed(html)
    return found


def test_no_payload_of_script_comes_through() -> None:
    for payload in injections.PAYLOADS:
        for tag, attributes in elements(render_comment(payload)):
            assert tag in ALLOWED, payload
            assert not {name for name in attributes if name.startswith("on") or name == "style"}, payload
            assert re.match(r"https?:|mailto:|/|#|$", attributes.get("href") or ""), payload
