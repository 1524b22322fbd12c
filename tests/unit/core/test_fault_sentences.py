"""Findings of the course check and of imports are in their reader's language."""

import ast
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.core.config import ROOT
from app.core.i18n import N_, current_language
from app.core.sentences import Sentence, spoken

CHECKS = [*sorted((ROOT / "app" / "markup").glob("*.py")), ROOT / "app" / "publishing" / "check.py"]
# Replacements for placeholders that do not accept any word.
GAPS = {"noun": ["lab", "question", "interactive figure"], "where": ["", " in lesson.toml", " in quiz.toml", ": the later lesson 02 defines it"], "why": ["needs the recipe 'x1', which does not exist", "needs the recipe 'x1', whose data set 'x1' does not exist"]}  # fmt: skip


@contextmanager
def reader(language: str) -> Iterator[None]:
    token = current_language.set(language)
    yield
    current_language.reset(token)


def messages(path: Path) -> Iterator[list[str]]:
    """The messages of a file's faults, in all their variants."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            for argument in node.args if name in {"Fault", "fault", "CourseFault"} else ():
                for text in (
                    [argument.body, argument.orelse] if isinstance(argument, ast.IfExp) else [argument]
                ):
                    if isinstance(text, ast.JoinedStr):
                        yield filled(text)
                    elif isinstance(text, ast.Constant) and isinstance(text.value, str):
                        yield [text.value]


def filled(text: ast.JoinedStr) -> list[str]:
    found = [""]
    for part in text.values:
        if isinstance(part, ast.Constant):
            found = [before + str(part.value) for before in found]
        elif isinstance(part, ast.FormattedValue):
            gap = part.value.id if isinstance(part.value, ast.Name) else ""
            found = [before + word for before in found for word in GAPS.get(gap, ["'x1'"])]
    return found


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


@pytest.mark.parametrize("path", CHECKS, ids=lambda path: path.name)
def test_every_fault_of_the_check_is_said_in_chinese(path: Path) -> None:
    with reader("zh"):
        unsaid = [found[0] for found in messages(path) if not any(is_chinese(spoken(each)) for each in found)]
    # A place and a message: the message is translated by itself.
    assert [each for each in unsaid if not each.startswith("'x1': ")] == []


@pytest.mark.parametrize(
    ("message", "chinese"),
    [
        ("the lab 'a': mnist-cnn has no setting 'b'", "实验 'a'：mnist-cnn 没有设置 'b'"),
        ("zh.md:3: there is no picture figures/a.svg", "zh.md:3：没有图片 figures/a.svg"),
        ("labs.0.key: Field required", "labs.0.key：缺少这一项"),
        (
            "the formula 'x' cannot be read: it is longer than 2000 characters",
            "公式 'x' 读不懂：超过了 2000 个字符",
        ),
        ("Invalid value (at line 3, column 5)", "这个值不是 TOML（第 3 行第 5 列）"),
        ("Something else altogether", "Something else altogether"),
    ],
)
def test_a_fault_is_said_with_its_names_and_numbers(message: str, chinese: str) -> None:
    with reader("zh"):
        assert spoken(message) == chinese
    with reader("en"):
        assert spoken(message) == message


def test_a_sentence_is_english_text_that_can_be_said_in_chinese_and_comes_back_from_a_helper_process() -> (
    None
):
    sentence = Sentence(N_("<{tag}> is not closed"), tag="b")
    again = pickle.loads(pickle.dumps(sentence))
    assert (again, again.template, dict(again.values)) == (
        "<b> is not closed",
        "<{tag}> is not closed",
        {"tag": "b"},
    )
    with reader("zh"):
        assert spoken(again) == "<b> 没有闭合"
