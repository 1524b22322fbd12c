"""Pictures of formulas whose LaTeX is known: exporters leave it in the alternative text, in the address or beside it."""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qs, unquote, urlsplit

from math_core import LatexError, LatexToMathML

from app.columns.reading.html_tree import Node
from app.columns.reading.seen import words_of_formula
from app.markup.formulas import check_formula

_BESIDE = ("data-latex", "data-tex", "data-formula", "data-equation", "data-math")
_MADE_FROM_LATEX = re.compile(
    r"(?<![a-z])(latex|tex|katex|mathjax|formula|equation|eeimg|math)(?![a-z])", re.I
)
_IN_DOLLARS = re.compile(r"\$\$(.+)\$\$|\$(.+)\$|\\\((.+)\\\)|\\\[(.+)\\\]", re.S)
_PLAINLY_LATEX = re.compile(r"\\[A-Za-z]+|[\w})\]][_^](\{|\w)")
# Chinese in a formula is legitimate only as text.
_WORDS = re.compile(r"\\(?:text|mathrm|mbox|textbf|textit)\s*\{[^{}]*\}")
_CHINESE = re.compile("[\u2e80-\u9fff\uff00-\uffef]")


@dataclass(frozen=True)
class Formula:
    """`words` is what a reader sees of it, without spaces."""

    tex: str
    words: str


def formula_of(node: Node) -> Formula | None:
    """The formula that an <img> shows; None if its LaTeX is unknown."""
    return formula(_latex(node))


@lru_cache
def formula(latex: str) -> Formula | None:
    tex = " ".join(latex.replace("|", r"\vert ").split())
    if not tex or "$" in tex or tex.endswith("\\") or _CHINESE.search(_WORDS.sub("", tex)):
        return None
    try:
        check_formula(tex)
        mathml = LatexToMathML(fancy_error=False).convert_with_local_state(tex, displaystyle=False)
    except (LatexError, ValueError):
        return None
    return Formula(tex, words_of_formula(mathml))


def _latex(node: Node) -> str:
    beside = next((node.attrs[name] for name in _BESIDE if node.attrs.get(name, "").strip()), "")
    alt = node.attrs.get("alt", "").strip()
    dollars = _IN_DOLLARS.fullmatch(alt)
    if beside:
        return beside
    if dollars:
        return next(group for group in dollars.groups() if group)
    in_address = _latex_in_address(node.attrs.get("src", "") or node.attrs.get("data-src", ""))
    if in_address:
        return in_address
    is_name = re.search(r"\.(png|jpe?g|gif|webp|svg)$|://", alt, re.I)
    is_made = _MADE_FROM_LATEX.search(node.attrs.get("class", ""))
    return alt if not is_name and (is_made or _PLAINLY_LATEX.search(alt)) else ""


def _latex_in_address(address: str) -> str:
    """`https://www.zhihu.com/equation?tex=\\eta`, `https://latex.codecogs.com/svg.latex?\\eta`"""
    try:
        parts = urlsplit(address)
        named = parse_qs(parts.query).get("tex", [""])[0]
    except ValueError:
        return ""
    is_codecogs = (parts.hostname or "").endswith("codecogs.com")
    return named or (
        re.sub(r"\\(inline|dpi\{\d+\}|bg_\w+|large|huge)\s*", "", unquote(parts.query)) if is_codecogs else ""
    )
