"""Typing of phones and Chinese keyboards means what its author sees on the screen."""

import pytest

from app.core.typed import numbers_meant, plain_number, plain_typing, without_space
from app.labs.service import checked_guess
from app.quizzes.grading import score


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("０．９１", 0.91), ("0。91", 0.91), ("0，91", 0.91), ("．5", 0.5), ("１２３", 123), ("1 234", 1234), ("1\u3000234", 1234), ("1\u00a0234", 1234),
        ("1\u2009234", 1234), ("12\u200b", 12), ("\ufeff7", 7), ("1，234，567", 1234567), ("1,234.5", 1234.5), ("1、234", 1234), ("＋５", 5), ("－５", -5),
        ("−5", -5), ("–5", -5), ("—5", -5), ("﹣5", -5), ("1e－3", 0.001), ("1E−3", 0.001), ("１ｅ－３", 0.001), ("1×10⁻³", 0.001), ("1 × 10^−3", 0.001),
        ("10⁻³", 0.001), ("10^3", 1000), ("10³", 1000), ("2.5＊10**2", 250), ("−2×10^(-2)", -0.02), ("1,5×10³", 1500), ("1/4", 0.25), ("１／４", 0.25),
        ("1½", 1.5), ("−2¼", -2.25), ("3·10⁻³", 0.003), ("2⋅10^3", 2000), ("➕5", 5), ("3.14。", 3.14), ("≈0.9", 0.9), ("＝0.9", 0.9), ("1’000", 1000),
        ("٣٫١٤", 3.14), ("\u2063７", 7), ("½", 0.5), ("1÷4", 0.25), ("3⁄4", 0.75), ("1 ∕ 2", 0.5), ("25 ％", 25), ("25﹪", 25), ("٣", 3),
    ],
)  # fmt: skip
def test_a_number_is_the_one_that_is_seen(typed: str, number: float) -> None:
    assert numbers_meant(typed)[0] == pytest.approx(number, rel=1e-12)
    assert score({"kind": "number", "answer": number, "tolerance": 0}, {"text": typed}) == 1


def test_a_share_is_read_as_it_stands_and_as_a_part_of_one() -> None:
    assert numbers_meant("25％") == (25, 0.25)
    assert numbers_meant("3 ‰") == (3, 0.003)


@pytest.mark.parametrize(
    "typed", ["", "，", "1，2，3", "10^", "x10^3", "10^9999", "5×", "1×2×3", "一", "1 000,5,5"]
)
def test_what_is_no_number_is_none(typed: str) -> None:
    assert numbers_meant(typed) == ()


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("“same”", '"same"'), ("‘same’", "'same'"), ("＂same＂", '"same"'), ("「same」", '"same"'), ("«same»", '"same"'), ("〝same〞", '"same"'),
        ("（28，28，1）", "(28, 28, 1)"), ("【1、2】", "[1, 2]"), ("［１，２］", "[1,2]"), ("｛“a”：1｝", '{"a": 1}'), ("28×28", "28*28"), ("x²", "x**2"),
        ("a − b", "a-b"), ("a ÷ b", "a/b"), ("x ≠ 1", "x != 1"), ("x ≤ 1", "x<=1"), ("x＝＝1", "x == 1"), ("ｒｅｌｕ", "relu"),
        ("model．fit（x）", "model.fit(x)"), ("activation＝’relu’", "activation='relu'"), ("re\u200blu", "relu"), ("x ⩽ 1", "x<=1"), ("x ≧ 1", "x>=1"), ("a ˗ b", "a-b"),
        ("❝same❞", '"same"'), ("def f() → int", "def f() -> int"), ("x✱y", "x*y"), ("a；b", "a;b"),
    ],
)  # fmt: skip
def test_code_is_the_one_that_is_seen(typed: str, code: str) -> None:
    assert without_space(plain_typing(typed)) == without_space(code)
    assert score({"kind": "code", "answers": [code]}, {"text": typed}) == 1


@pytest.mark.parametrize("typed", ["９３％", "0。93", "０，９３", "93 %", ".93", "9.3×10⁻¹"])
def test_a_guess_of_a_share_is_read_as_it_was_meant(typed: str) -> None:
    lab = {"guess": {"kind": "number", "metric": "val_accuracy"}}
    assert checked_guess(typed, lab) == "0.93"


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("１×１０⁻³", 0.001),
        ("１０，０００", 10000),
        ("0。001", 0.001),
        ("1e−3", 0.001),
        ("3２", 32),
        (" 5\u3000", 5),
    ],
)
def test_a_setting_of_a_lab_is_read_as_it_was_meant(typed: str, plain: float) -> None:
    assert float(plain_number(typed)) == pytest.approx(plain)
