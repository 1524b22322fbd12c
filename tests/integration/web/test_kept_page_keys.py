"""The cache key is computed from the request exactly as the page itself is rendered."""

import re

import pytest
from fastapi.testclient import TestClient
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.requests import Request

from app.courses.models import Course
from app.web.kept_pages.visitors import THEMES, _key
from app.web.security.cookies import cookies_of, session_cookie_name
from app.web.security.headers import reader_language
from tests.integration.conftest import ON_SQLITE

LESSON = "/courses/tiny/lessons/00-start"
VALUES = [
    "zh",
    "en",
    "auto",
    "dark",
    "light",
    '"en"',
    '"dark"',
    "",
    " en ",
    "en=1",
    '"e\\156"',
    "a;b",
    "\x00",
    "é",
    "EN",
]
NAMES = ["language", "theme", session_cookie_name(), " theme", "Theme", "", '"theme"', "language "]
pairs = st.builds(
    "{}{}{}".format, st.sampled_from(NAMES), st.sampled_from(["=", " = ", "", "=="]), st.sampled_from(VALUES)
)
odd = st.one_of(pairs, st.text(st.characters(max_codepoint=255), max_size=12))
cookie_headers = st.lists(st.lists(odd, max_size=5).map("; ".join), max_size=4)


@given(cookie_headers)
@example(["language=zh", "language=en"])
@example(["theme=dark; theme=light", f"{session_cookie_name()}=a"])
@example(['theme="dark"'])
def test_the_key_of_a_kept_page_says_what_the_app_reads(sent: list[str]) -> None:
    headers = [(b"cookie", text.encode("latin-1")) for text in sent]
    scope = {"type": "http", "method": "GET", "path": LESSON, "query_string": b"", "headers": headers}
    cookies = Request(scope).cookies
    assert cookies_of(headers) == cookies
    key = _key(scope)
    theme = cookies.get("theme", "auto")
    if session_cookie_name() in cookies or theme not in THEMES:
        assert key is None
    else:
        assert key == (LESSON, "", "page", reader_language(cookies), theme)


# Each is sent before and after the plain request; its own response shows how the page was rendered.
VARIATIONS: list[list[tuple[str, str]]] = [
    [("cookie", "language=en"), ("cookie", "language=zh")],
    [("cookie", "language=zh"), ("cookie", "language=en")],
    [("cookie", "theme=dark"), ("cookie", "theme=light")],
    [("cookie", "theme=dark; theme=light")],
    [("cookie", 'language="en"')],
    [("cookie", "language=en; theme")],
    [("cookie", "=language=en")],
    [("cookie", "theme=purple")],
    [("cookie", f"{session_cookie_name()}=nobody"), ("cookie", "language=en")],
    [("x-fragment", "1")],
    [("accept-language", "en")],
    [("host", "evil.example/path?query=1#")],
    [("x-forwarded-host", "evil.example"), ("x-forwarded-proto", "https")],
    [("accept", "application/json"), ("user-agent", "other")],
]


def seen(client: TestClient, headers: list[tuple[str, str]]) -> tuple[str, str, str]:
    """(language, theme, the page without its nonce)"""
    answer = client.get(LESSON, headers=headers)
    assert answer.status_code == 200
    html = re.sub(r'nonce="[^"]*"', "", answer.text)
    looks = re.search(r'<html lang="([^"]*)" data-theme="([^"]*)"', html)
    language, theme = looks.groups() if looks else ("", "")
    return language, theme, html


@ON_SQLITE
@pytest.mark.parametrize("number", range(len(VARIATIONS)))
def test_no_request_changes_what_another_one_gets(client: TestClient, course: Course, number: int) -> None:
    plain = seen(client, [])
    odd = seen(client, VARIATIONS[number])
    assert seen(client, []) == plain
    client.app.state.visitor_store.pages.clear()
    assert seen(client, VARIATIONS[number]) == odd
    assert seen(client, []) == plain


@ON_SQLITE
def test_the_last_of_several_cookies_counts_for_the_page_and_for_its_place(
    client: TestClient, course: Course
) -> None:
    both = [("cookie", "language=zh; theme=light"), ("cookie", "language=en; theme=dark")]
    assert seen(client, both)[:2] == ("en", "dark")
    assert seen(client, [("cookie", "language=zh; theme=light")])[:2] == ("zh-Hans", "light")
    assert seen(client, both)[:2] == ("en", "dark")
