"""A dollar begins a formula only if it clearly does: prices and shell variables stay as typed."""

import pytest

from app.board.text.rendering import render_comment
from app.markup.context import Context
from app.markup.lesson_markdown import render_short

PRICES = [
    "It costs $5 and $7.", "$5, $7", "($5)($7)", "$5-$7", "$5–$7", "$5/$7", "$5 or 7$", "between $5 and 7$ an hour", "5$ and 7$", "100$-200$",
    "$1,000 and $2,000", "$1.50/hour, $2.50/day", "US$5 and HK$7", "US$5 - A$7", "$5 (was $7)", "$5.\nAnd $7.", "**$5** or **$7**", "$5k to $10k",
    "价格是$5，比$7便宜", "从$5涨到$7", "花了$5，又花了7$。", "5$和7$", "$5、$7", "$5/小时、7$/小时", "每小时 $5 或 $7", "显卡 $1599，内存 $99",
    "$HOME/$USER", "$HOME/bin:$PATH", "echo $PATH and $HOME", "${A}/${B}", "$ 5 $", "a $ b $ c", "costs $5$7", "$", "$$", "\\$5 and 7\\$", "$5 only",
]  # fmt: skip
FORMULAS = [
    "$x$", "$5$", "$0.5$", "$x+y$", "$\\eta$", "$n$th", "the $k$s", "设$x$为输入", "$x$，$y$", "($x$)", "$x_1,$ then", "$2x$", "$3 \\times 3$", "$10^{-3}$",
    "$5 < 7$", "$2ex$", "$\\langle x \\rangle $", "$n = 5$", "$\\text{学习率} = 0.1$", "$2 \\sin x$", "2$x_1$", "$a$-$b$", "$\\$5$", "**$x$**", "$1{,}000$", "$y=$的值", "$x\ny$", "$p(x|y)$",
]  # fmt: skip


def formulas(html: str) -> int:
    assert "formula-fault" not in html
    return html.count("<math")


@pytest.mark.parametrize("text", PRICES)
def test_prices_are_no_formula_in_comments_and_lessons(text: str) -> None:
    for html in (render_comment(text), render_short(text, Context())):
        assert formulas(html) == 0
        assert html.count("$") == text.count("$")


@pytest.mark.parametrize("text", FORMULAS)
def test_what_plainly_is_a_formula_is_one_in_comments_and_lessons(text: str) -> None:
    for html in (render_comment(text), render_short(text, Context())):
        assert formulas(html) >= 1


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("It costs $5; the rate is $\\eta$.", 1),
        ("$5 and $x$ and $7", 1),
        ("$x=5$ 和 $7", 1),
        ("$x,$y$", 1),
        ("$5，学习率$\\eta$", 1),
        ("$5,$\\eta$", 1),
        ("$a$ and $b$, for $9", 2),
    ],
)
def test_prices_and_formulas_stand_beside_each_other(text: str, count: int) -> None:
    for html in (render_comment(text), render_short(text, Context())):
        assert formulas(html) == count


def test_a_line_of_dollars_is_read_at_once() -> None:
    render_comment("$x\\" * 4000)
    render_comment("$5 " * 4000)
