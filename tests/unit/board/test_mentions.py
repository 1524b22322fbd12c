"""Mentions: the conversion between what an author sees, `@name`, and what is meant is lossless."""

from time import thread_time
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from app.board.text.comment_text import mentioned
from app.board.text.mentions import (
    Typed,
    as_typed,
    as_written,
    html_with_names,
    ids_in_html,
    ids_in_text,
    without_names,
)
from app.board.text.rendering import render_comment

A, B = UUID(int=10), UUID(int=11)
NAMES = st.sampled_from(["*昊", "*g", "Lin", "Lin Wei", "Lin(2)", "[Lin]", "a.*+b", ""])
PIECES = st.one_of(
    st.builds("@[{}](user:{})".format, NAMES, st.sampled_from([A, B, str(A).upper()])),
    st.sampled_from([" ", "\n", "，", "@", "@Lin", "@*昊", "(2)", "好", "x", "`", "[Lin](https://a.org)"]),
)


def test_a_writer_sees_a_name_and_no_id() -> None:
    typed = as_typed(f"谢谢@[*昊](user:{A})，还有 @[Lin](user:{B})！")
    assert typed == Typed("谢谢@*昊，还有 @Lin！", f"@[*昊](user:{A})@[Lin](user:{B})")


def test_two_people_whose_masked_names_are_the_same_stay_two() -> None:
    typed = as_typed(f"@[*昊](user:{A}) @[*昊](user:{B}) @[*昊](user:{A})")
    assert typed.text == "@*昊 @*昊(2) @*昊"
    assert mentioned(as_written(typed.text, typed.mentions)) == [A, B]


def test_a_name_that_was_taken_out_of_the_text_is_no_mention() -> None:
    assert as_written("nobody is meant", f"@[Lin](user:{A})") == "nobody is meant"


def test_a_name_inside_a_word_or_a_mail_address_is_no_mention() -> None:
    mentions = f"@[Lin](user:{A})"
    assert mentioned(as_written("me@Lin.example and @Linus", mentions)) == []
    assert mentioned(as_written("你好@Lin，早", mentions)) == [A]


@pytest.mark.parametrize(
    "body",
    [
        f"`@[](user:{A})`",
        f"```\n@[](user:{A})\n```",
        f"    @[](user:{A})",
        f"> @[](user:{A}) said so\nand goes on",
        f"- > @[](user:{A})",
        f"\\@[](user:{A})",
    ],
)
def test_who_stands_in_code_or_in_a_quotation_is_not_spoken_to(body: str) -> None:
    assert mentioned(body) == []
    assert mentioned(f"> > quoted @[](user:{A})\n\nand you, @[](user:{B})?\n\n{body}") == [B]
    assert ids_in_text(body) == {A}


def test_a_thousand_people_of_one_name_are_told_apart_at_once() -> None:
    body = " ".join(f"@[*昊](user:{UUID(int=number)})" for number in range(1000))
    # Of the processor: a busy machine lets everybody wait.
    start = thread_time()
    typed = as_typed(body)
    assert thread_time() - start < 0.5
    assert typed.text.startswith("@*昊 @*昊(2) ") and typed.text.endswith(" @*昊(1000)")


def test_a_text_that_no_form_brings_stays_as_it_is() -> None:
    body = f"@[*昊](user:{A}) " * 2000
    assert as_typed(body) == Typed(body, "")


@given(st.lists(PIECES, max_size=12).map("".join))
def test_nothing_is_lost_on_the_way_into_the_form_and_back(body: str) -> None:
    typed = as_typed(body)
    assert without_names(as_written(typed.text, typed.mentions)) == without_names(body)


@pytest.mark.parametrize(
    "text", ["`@*李` 只是代码", "```python\n@*李\ndef f(): pass\n```", "``@*李`` `a`", "> ```\n> @*李\n> ```"]
)
def test_a_name_in_code_is_no_mention_and_stays_as_it_was_typed(text: str) -> None:
    mentions = f"@[*李](user:{A})"
    body = without_names(as_written(f"同学 @*李 看：\n\n{text}", mentions))
    assert body == f"同学 @[](user:{A}) 看：\n\n{text}"
    assert mentioned(body) == [A]
    html = html_with_names(render_comment(body), {A: "*李"})
    assert "](user:" not in html and Markup(html).striptags().count("@*李") == 2
    assert as_typed(body.replace("@[]", "@[*李]")) == Typed(f"同学 @*李 看：\n\n{text}", mentions)


@pytest.mark.parametrize("body", [f"`@[](user:{A})`", f"```python\n@[](user:{A})\n```", f"    @[](user:{A})"])
def test_a_mention_that_was_stored_in_code_shows_a_plain_name(body: str) -> None:
    html = render_comment(body)
    assert ids_in_html([html]) == {A}
    shown = html_with_names(html, {A: "*<李"})
    assert "@*&lt;李" in shown and "user:" not in shown and "<a" not in shown
