"""Texts that hang a parser: known ones are rejected by rules, all others by the limits of the sandboxed processes."""

import random
import sys
from collections.abc import Callable
from functools import partial

import pytest

from app.board.text import comment_html
from app.board.text.comment_html import FULL, RENDER, rendered, rendered_quickly
from app.columns import column_import
from app.columns.column_import import read_column
from app.core.sandbox import Limits, pool
from app.markup import rendering
from app.markup.code_languages import IN_COMMENTS, IN_LESSONS, LONGEST_COLOURED
from app.markup.context import Context, Offered
from app.markup.formulas import MOST_UNCLOSED
from app.markup.lesson_markdown import render_lesson
from app.markup.rendering import TOO_LONG, lesson_text, short_texts

LONGEST_COMMENT = 4000
# What is repeated, and what follows it.
PIECES = [
    "*", "**", "***", "_", "__", "*a ", "**a ", "a*", "*a_ ", "_a*", "*a**b", "***a** b*", "~~", "~~a ", "`", "``", "` ", "`a``b", "[", "]", "[]", "[a](", "[a](b", "[a]()", "![", "![a](",
    "[a][", "[a]: b\n", "[a]:", "[^a]", "^[", "[[a]", "]]", "[](", "[a](<", "[a](b \"", "[a](\\", "<", "<a", "<a ", "</", "<!--", "<!", "<?", "<![CDATA[", "<a href=\"", "<http://", "<a@b.", "&",
    "&amp", "&#", "&#x", "&amp;", "&#1;", ">", "> ", ">>", "> > ", "> a\n", ">\n", "- ", "- a\n", "-\n", "* ", "+ a\n", "1. ", "1) a\n", "1.\n", "- - ", "- > ", "> - ", "  - a\n", "\t", "\t- a\n", "    a\n", "\n",
    "\n\n", " \n", "a  \n", "\\", "\\\n", "\\*", "#", "# a\n", "## a\n", "###### ", "a\n=\n", "a\n-\n", "---\n", "***\n", "___\n", "* * *\n", "```\n", "```", "```a\n", "~~~\n", "~~~a", "|", "|a", "|-", "|a|\n|-|\n",
    "a|b\n-|-\n", "|a|b|\n", ":-:|", "$", "$$", "$a$", "$a", "$$\n", "$$a$$", "$\\frac", "a$b$", "$$$", ":::", "::: tip\n", ":::\n", "::: lab a\n", "{", "{}", "{.a}", "{#a}", "[a]{term=", "[a]{.b}", "{hl=\"", "![a](b){",
    "@", "@[", "@[a](user:", "http://", "https://a", "https://a.b/(", "https://a.b/c ", "www.", "a@b.c ", "://", "，", "字**字", "**“字”**字", "\u3000", "\u200b", "é", "\U0001f600", "\x01", "\r", "\xa0", "a", "a b ", "1", "Z",
]  # fmt: skip
ENDINGS = ["", "a", "](b)", "*", "`", "\n\na"]


def test_some_hundred_repeated_marks_are_laid_out_within_the_limits() -> None:
    """In a comment and in a lesson, each of maximum length; the ending differs for each."""
    slow = []
    for number, piece in enumerate(PIECES):
        text = piece * (LONGEST_COMMENT // len(piece)) + ENDINGS[number % len(ENDINGS)]
        html = pool.run(RENDER, text, limits=FULL)
        found = lesson_text(text, Offered())
        if not isinstance(html, str) or any(fault.message == TOO_LONG for fault in found.faults):
            slow.append(piece)
    assert slow == []


def test_marks_in_any_mixture_are_laid_out_within_the_limits() -> None:
    chance = random.Random(7)
    for _ in range(60):
        few = chance.sample(PIECES, 4)
        text = "".join(chance.choices(few, k=LONGEST_COMMENT))[:LONGEST_COMMENT]
        assert isinstance(pool.run(RENDER, text, limits=FULL), str), few


@pytest.mark.parametrize(
    "bracket",
    ["(", "[", r"\{", r"\langle ", r"\lfloor ", r"\lvert ", r"\lbrack ", r"\ulcorner ", "(a", r"\sin("],
)
def test_a_formula_that_leaves_many_brackets_open_never_reaches_its_parser(bracket: str) -> None:
    for formula in (bracket * 40, f"{{{bracket * 40}}}" + ")" * 40, "(" + bracket * 40 + ")" * 20):
        assert "brackets open" in render_lesson(f"a ${formula}$", Context()).faults[0].message
    assert "formula-fault" in rendered(f"a ${bracket * 40}$")


@pytest.mark.parametrize(
    "formula",
    [
        "[0, 1)",
        "(a, b]",
        "]0, 1[",
        r"\left\{ a \right.",
        "f(" * MOST_UNCLOSED,
        "(" * 30 + ")" * 30,
        r"\{1, 2\}",
    ],
)
def test_brackets_that_formulas_have_are_fine(formula: str) -> None:
    assert render_lesson(f"a ${formula}$", Context()).faults == []


@pytest.mark.parametrize("language", ["tads3", "docker", "klingon", "mathematica", "perl6", "x" * 3000])
def test_code_in_a_language_that_is_not_on_the_list_has_no_colours(language: str) -> None:
    code = "\\" * 30 + " " * 1000 + "\nFROM a"
    assert "<span" not in rendered(f"```{language}\n{code}\n```")
    found = render_lesson(f"```{language}\n{code}\n```", Context())
    assert found.faults[0].message.startswith("no highlighting is known for")
    assert "<span" not in found.segments[0]["html"]


def test_code_in_each_language_of_the_list_is_shown_whole() -> None:
    for language in sorted(IN_LESSONS):
        assert render_lesson(f"```{language}\nnumber = 1\n```", Context()).faults == [], language
    assert '<span class="kn">import</span>' in rendered("```python\nimport a\n```")
    assert set(IN_COMMENTS) <= set(IN_LESSONS)


def test_very_long_code_stays_without_colours() -> None:
    line = "import a\n"
    long = f"```python\n{line * (LONGEST_COLOURED // len(line) + 1)}```"
    assert "<span" not in render_lesson(long, Context()).segments[0]["html"]


def test_a_thousand_headings_take_ten_times_what_a_hundred_take() -> None:
    """Not a hundred times: work is counted in executed lines of Python."""
    few, many = (lines_run(partial(render_lesson, "## a\n" * n, Context())) for n in (100, 1000))
    assert many < 12 * few


def test_a_comment_that_takes_too_long_is_plain_text_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comment_html, "RENDER", "tests.hostile:render_comment")
    monkeypatch.setattr(comment_html, "FULL", Limits(0.05, 60))
    text = "endless <b>and</b>\n**bold** @[](user:00000000-0000-0000-0000-000000000000)"
    assert not rendered_quickly(text)
    assert rendered(text).startswith("<p>endless &lt;b&gt;and&lt;/b&gt;<br>\n**bold** @</p>\n<p><em>")
    assert rendered("harmless, once more") == "<p>harmless, once more</p>"


def test_a_lesson_that_takes_too_long_is_plain_text_with_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "LESSON", Limits(0.01, 60, lane="long"))
    text = "a $\\frac{1}{2}$ <b> " * 5000
    found = lesson_text(text, Offered())
    assert [fault.message for fault in found.faults] == [TOO_LONG]
    assert found.segments[0]["html"].startswith("<p>a $\\frac{1}{2}$ &lt;b&gt;")
    assert [faults for _html, faults in short_texts([(text, "en"), ("b", "en")])] == [found.faults, []]


def test_a_column_that_takes_too_long_keeps_all_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(column_import, "LIMITS", Limits(0.05, 60, lane="longest"))
    column = read_column("03 | 线性.md", b"<p>one <b>two</b> # three</p>\n" * 2000)
    assert [remark.message[:23] for remark in column.remarks] == ["the file takes too long"]
    shown = render_lesson(column.sources["zh.md"], Context()).segments[0]["html"]
    assert shown.count("&lt;p&gt;one &lt;b&gt;two&lt;/b&gt; # three&lt;/p&gt;") == 2000


def lines_run(work: Callable[[], object]) -> int:
    count = 0

    def trace(_frame: object, event: str, _argument: object) -> object:
        nonlocal count
        count += event == "line"
        return trace

    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(None)
    return count
