"""The quizzes' answer keys: numbers are recomputed, and nothing is left unexplained."""

import ast
import operator
from collections.abc import Callable

import pytest

from tests.lessons.texts import LANGUAGES, LESSONS, placed, quiz, text

QUESTIONS = [
    pytest.param(slug, question, id=f"{slug}:{question.key}")
    for slug in LESSONS
    for question in quiz(slug).questions
]
NUMBERS = [param for param in QUESTIONS if param.values[1].kind == "number"]
CHOICES = [param for param in QUESTIONS if param.values[1].kind in {"single", "multiple"}]

OPERATIONS: dict[type, Callable] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}


def worked_out(check: str) -> float:
    """The value of an arithmetic expression of numbers, `round` and the operators above. Raises ValueError on all else."""

    def value(node: ast.AST) -> float:
        match node:
            case ast.Constant(value=int() | float() as number):
                return number
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATIONS:
                return OPERATIONS[type(op)](value(left), value(right))
            case ast.UnaryOp(op=op, operand=operand) if type(op) in OPERATIONS:
                return OPERATIONS[type(op)](value(operand))
            case ast.Call(
                func=ast.Name(id="round"), args=[inner, ast.Constant(value=int() as digits)], keywords=[]
            ):
                return round(value(inner), digits)
        raise ValueError(f"no arithmetic: {ast.dump(node)}")

    return value(ast.parse(check, mode="eval").body)


@pytest.mark.parametrize("slug, question", NUMBERS)
def test_a_number_comes_out_the_same_a_second_time(slug, question):
    assert question.check, "a question that asks for a number needs `check`"
    assert worked_out(question.check) == pytest.approx(question.answer, abs=question.tolerance + 1e-9, rel=0)
    assert question.check.strip() != str(question.answer), (
        "`check` works the answer out, it does not repeat it"
    )


@pytest.mark.parametrize("slug, question", NUMBERS)
def test_a_number_has_a_tolerance_that_a_wrong_turn_does_not_hide_in(slug, question):
    assert 0 <= question.tolerance <= 0.05 * max(1, abs(question.answer))


def test_checks_are_arithmetic_only():
    with pytest.raises(ValueError):
        worked_out("__import__('os').getcwd()")


@pytest.mark.parametrize("slug, question", CHOICES)
def test_every_option_is_explained_and_no_two_say_the_same(slug, question):
    assert len(question.options) >= 3
    for language in LANGUAGES:
        texts = [getattr(option.text, language) for option in question.options]
        assert len(set(texts)) == len(texts)
        assert all(len(getattr(option.why, language)) >= 8 for option in question.options)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", LESSONS)
def test_every_question_is_placed_once(slug, language):
    assert sorted(placed(text(slug, language), "quiz")) == sorted(
        question.key for question in quiz(slug).questions
    )
