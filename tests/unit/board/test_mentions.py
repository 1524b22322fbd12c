"""Mentions: what a writer sees, `@name`, and what is meant, come and go without a loss."""

from time import perf_counter
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.board.text.comment_text import mentioned
from app.board.text.mentions import Typed, as_typed, as_written, ids_in_text, without_names

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
    start = perf_counter()
    typed = as_typed(body)
    assert perf_counter() - start < 0.5
    assert typed.text.startswith("@*昊 @*昊(2) ") and typed.text.endswith(" @*昊(1000)")


def test_a_text_that_no_form_brings_stays_as_it_is() -> None:
    body = f"@[*昊](user:{A}) " * 2000
    assert as_typed(body) == Typed(body, "")


@given(st.lists(PIECES, max_size=12).map("".join))
def test_nothing_is_lost_on_the_way_into_the_form_and_back(body: str) -> None:
    typed = as_typed(body)
    assert without_names(as_written(typed.text, typed.mentions)) == without_names(body)
