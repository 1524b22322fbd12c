"""The beginning of a comment, where only some words of it are shown."""

from uuid import UUID

import pytest

from app.board.text.excerpts import LONGEST, excerpt
from app.board.text.rendering import render_comment

MING = UUID(int=7)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("a **bold** [link](https://a.example) & `x < 1`", "a bold link & x < 1"),
        ("first\n\nsecond", "first second"),
        ("$5\\times5+6$ 个参数", "5×5+6 个参数"),
        ("> what they said\n> > and before\n\nmy answer\n\n> again", "my answer"),
        (f"@[](user:{MING}) look", "@*明 look"),
        ("```python\nx = 1\n```", "x = 1"),
    ],
)
def test_an_excerpt_has_the_words_that_a_reader_sees_and_no_quotation(body: str, expected: str) -> None:
    assert excerpt(render_comment(body), {MING: "*明"}) == expected


def test_a_long_comment_is_cut() -> None:
    found = excerpt(render_comment("字" * 200), {})
    assert found == "字" * LONGEST + "…"


def test_what_looks_like_markup_is_text_again() -> None:
    assert (
        excerpt(render_comment("<script>alert(1)</script> & more"), {}) == "<script>alert(1)</script> & more"
    )
