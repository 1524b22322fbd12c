"""Formulas whose LaTeX is known: of pictures, exporters leave it in the alternative text, in the address or beside it; of formulas
that a page sets itself (KaTeX, MathJax, MathML), it stands in an annotation or in a script.
"""

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


_SET_FORMULA = re.compile(r"(?<![\w-])(katex|katex-display|MathJax\w*|mjx-chtml|mjx-math)(?![\w-])")
_TEX_SCRIPT = re.compile(r"math/tex\b", re.I)


@dataclass(frozen=True)
class Formula:
    """`words` is what a reader sees of it, without spaces."""

    tex: str
    words: str


def as_pictures(node: Node) -> None:
    """Formulas that the page sets become pictures of them below `node`, so that the same happens to both."""
    children: list[Node | str] = []
    for child in node.children:
        latex = "" if isinstance(child, str) else _latex_set(child)
        if not isinstance(child, str) and latex:
            if child.tag == "script":  # MathJax puts what it has set before its script
                while children and isinstance(children[-1], Node) and _is_set(children[-1]):
                    children.pop()
            children.append(Node("img", child.line, {"data-latex": latex, "alt": latex}))
            continue
        if not isinstance(child, str):
            as_pictures(child)
        children.append(child)
    node.children = children


def _latex_set(node: Node) -> str:
    if node.tag == "script":
        return node.text().strip() if _TEX_SCRIPT.match(node.attrs.get("type", "")) else ""
    if node.tag not in {"math", "mjx-container"} and not _is_set(node):
        return ""
    annotations = (
        each for each in node.find("annotation") if "tex" in each.attrs.get("encoding", "").lower()
    )
    found = list(annotations)
    return found[0].text().strip() if len(found) == 1 else ""


def _is_set(node: Node) -> bool:
    return node.tag in {"span", "div"} and bool(_SET_FORMULA.search(node.attrs.get("class", "")))


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
