from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.typed import numbers_meant, plain_number
from app.quizzes.grading import fits, score


def options(*correct: bool) -> list[dict[str, Any]]:
    return [{"correct": each} for each in correct]


def number(answer: float, tolerance: float = 0) -> dict[str, Any]:
    return {"kind": "number", "answer": answer, "tolerance": tolerance}


def test_a_single_choice_is_right_or_wrong() -> None:
    question = {"kind": "single", "options": options(False, True, False)}
    assert score(question, {"chosen": [1]}) == 1
    assert score(question, {"chosen": [0]}) == 0


def test_a_multiple_choice_counts_every_option_that_was_judged_rightly() -> None:
    question = {"kind": "multiple", "options": options(True, False, True, False)}
    assert score(question, {"chosen": [0, 2]}) == 1
    assert score(question, {"chosen": [0]}) == 0.75
    assert score(question, {"chosen": [0, 1, 2, 3]}) == 0.5
    assert score(question, {"chosen": [1, 3]}) == 0


def test_an_order_counts_the_items_in_their_places() -> None:
    question = {"kind": "order", "items": [1, 2, 3, 4]}
    assert score(question, {"order": [0, 1, 2, 3]}) == 1
    assert score(question, {"order": [1, 0, 2, 3]}) == 0.5
    assert score(question, {"order": [3, 2, 1, 0]}) == 0


@pytest.mark.parametrize("typed", ["24", " 24 ", "24.0", "2.4e1", "+24", "２４", "48/2", "2 4"])
def test_a_number_may_be_written_in_many_ways(typed: str) -> None:
    assert score(number(24), {"text": typed}) == 1


@pytest.mark.parametrize("typed", ["7,850", "7，850", "7850"])
def test_thousands_may_be_set_off_by_commas(typed: str) -> None:
    assert score(number(7850), {"text": typed}) == 1


@pytest.mark.parametrize("typed", ["0,91", "0，91", "０．９１", "0。91", ".91"])
def test_a_decimal_may_have_a_comma_or_the_width_of_a_chinese_keyboard(typed: str) -> None:
    assert score(number(0.91), {"text": typed}) == 1


@pytest.mark.parametrize("typed", ["-1.62", "－1.62", "−1.62", "–1.62", "－１．６２"])
def test_every_minus_is_one(typed: str) -> None:
    assert score(number(-1.62), {"text": typed}) == 1


@pytest.mark.parametrize(
    ("accepted", "typed"),
    [
        ('"same"', "“same”"), ("'same'", "‘same’"), ("'same'", "＇same＇"), ("(28, 28)", "（28，28）"), ("28*28", "28×28"),
        ("[1, 2]", "［1、2］"), ("a - b", "a − b"), ("x == 1", "x＝＝1"), ("relu", "ｒｅｌｕ"), ('d["k"]', "d[”k“]"),
    ],
)  # fmt: skip
def test_code_typed_on_a_phone_is_what_it_looks_like(accepted: str, typed: str) -> None:
    question = {"kind": "code", "answers": [accepted]}
    assert score(question, {"text": typed}) == 1
    assert score(question, {"text": typed + "x"}) == 0


def test_code_is_not_more_alike_than_it_looks() -> None:
    assert score({"kind": "code", "answers": ["a - b"]}, {"text": "a + b"}) == 0
    assert score({"kind": "code", "answers": ["'same'"]}, {"text": '"same"'}) == 0
    assert score({"kind": "code", "answers": ["ReLU"]}, {"text": "relu"}) == 0


@pytest.mark.parametrize(
    ("typed", "plain"),
    [("０．０１", "0.01"), ("0，01", "0.01"), ("10，000", "10000"), ("－1", "-1"), ("0,123", "0.123"), ("1e－3", "1e-3"), ("１ ０", "10")],
)  # fmt: skip
def test_a_setting_is_read_as_it_was_meant(typed: str, plain: str) -> None:
    assert plain_number(typed) == plain


@pytest.mark.parametrize("typed", ["25%", "25％", "0.25", "1/4"])
def test_a_share_may_be_written_in_per_cent(typed: str) -> None:
    assert score(number(0.25), {"text": typed}) == 1


def test_a_number_asked_for_in_per_cent_may_bear_the_sign() -> None:
    assert score(number(25), {"text": "25%"}) == 1


def test_a_minus_sign_of_typography_is_one() -> None:
    assert score(number(-3), {"text": "−3"}) == 1


def test_the_tolerance_reaches_as_far_as_it_says() -> None:
    assert score(number(0.1, 0.02), {"text": "0.12"}) == 1
    assert score(number(0.1, 0.02), {"text": "0.121"}) == 0


def test_decimals_that_a_computer_cannot_hold_exactly_are_right_all_the_same() -> None:
    assert score(number(0.1 + 0.2), {"text": "0.3"}) == 1
    assert score(number(14.5), {"text": "14.500001"}) == 0


@pytest.mark.parametrize("typed", ["", "many", "1/0", "nan", "inf", "1e999", "1//2", "0x10", "--3", "1,2,3"])
def test_what_is_no_number_means_none(typed: str) -> None:
    assert numbers_meant(typed) == ()


@given(st.text(max_size=500))
def test_no_text_makes_the_grading_fail(typed: str) -> None:
    assert score(number(1), {"text": typed}) in {0, 1}


@given(st.floats(min_value=-1e12, max_value=1e12))
def test_the_answer_itself_is_always_right(answer: float) -> None:
    assert score(number(answer), {"text": repr(answer)}) == 1


def test_code_is_compared_without_white_space_but_with_its_case() -> None:
    question = {"kind": "code", "answers": ["activation='relu'"]}
    assert score(question, {"text": " activation = 'relu' "}) == 1
    assert score(question, {"text": "Activation='relu'"}) == 0


def test_an_answer_to_a_question_that_was_rewritten_does_not_fit() -> None:
    assert fits({"kind": "single", "options": options(True, False)}, {"chosen": [1]})
    assert not fits({"kind": "single", "options": options(True, False)}, {"chosen": [2]})
    assert not fits({"kind": "order", "items": [1, 2]}, {"order": [0, 1, 2]})
    assert not fits({"kind": "number"}, {"chosen": [0]})
