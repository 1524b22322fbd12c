"""Files of a column that are Markdown, not HTML: they are converted to HTML and then treated like the others."""

import re
from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

from app.columns.reading.formula_pictures import formula
from app.columns.reading.html_tree import LINE
from app.core.i18n import N_
from app.core.sentences import Sentence
from app.markup.emphasis import chinese_emphasis_plugin

_TAG = re.compile(r"<[^>]*>")
_BLOCKS = {"heading_open", "bullet_list_open", "ordered_list_open", "blockquote_open", "table_open", "fence"}
_INLINE = {"strong_open", "em_open", "s_open", "code_inline", "link_open", "image", "math_inline"}
_CODE_OR_FORMULA = re.compile(
    r"(?<![\\`])(`+)(?!`).+?(?<!`)\1(?!`)|(?<![\\$])\$(?![\s$]).+?(?<![\s\\])\$(?![\d$])"
)
_BARE_BAR = re.compile(r"(?<!\\)\|")
_INFO = re.compile(r"\s*[\w+#.-]*\s*(\{[^{}]*\})?\s*")
Note = Callable[[int, str], None]


def is_markdown(text: str) -> bool:
    """Whether most of it is outside HTML, and is Markdown or at least paragraphs."""
    outside = inside = marks = paragraphs = 0
    for token in _parser().parse(text):
        marks += token.type in _BLOCKS or token.type == "math_block"
        paragraphs += token.type == "paragraph_open"
        if token.type == "html_block":
            inside += len(_TAG.sub("", token.content).strip())
        elif token.type in {"inline", "fence", "code_block"}:
            outside += len(token.content)
            marks += sum(child.type in _INLINE for child in token.children or ())
    has_marks = bool(marks) or (paragraphs > 1 and not inside)
    return has_marks and outside >= inside


def markdown_to_html(text: str, first_line: int, note: Note) -> str:
    """HTML whose elements carry their line numbers. What CommonMark does not render is noted."""
    parser = _parser()
    if any(token.type == "code_block" and token.content.startswith("<") for token in parser.parse(text)):
        parser.disable("code")  # indented HTML is not code
    text = _with_whole_tables(parser, text)
    env: dict[str, Any] = {}
    tokens = list(_with_lines(parser.parse(text, env)))
    used = {str(t.attrs.get("href") or t.attrs.get("src")) for token in tokens for t in token.children or ()}
    lines = text.split("\n")
    for definition in env.get("references", {}).values():
        begin, end = definition["map"]
        if definition["href"] not in used or definition["title"]:
            words = " ".join(lines[begin:end])
            note(
                first_line + begin,
                Sentence(N_("the address of a link was left out here: {text}"), text=words),
            )
    return str(parser.renderer.render(tokens, parser.options, env))


def _with_whole_tables(parser: MarkdownIt, text: str) -> str:
    """Tables whose rows keep all their cells: a `|` in code or a formula does not end a cell, and rows may be longer than the header."""
    lines = text.split("\n")
    for token in parser.parse(text):
        if token.type != "table_open" or token.map is None:
            continue
        first, last = token.map
        for number in range(first, last):
            lines[number] = _CODE_OR_FORMULA.sub(lambda match: _BARE_BAR.sub(r"\\|", match[0]), lines[number])
        missing = max(map(_cells, lines[first:last])) - _cells(lines[first])
        if missing > 0:
            lines[first] = lines[first].rstrip().removesuffix("|") + "| " * missing + "|"
            lines[first + 1] = lines[first + 1].rstrip().removesuffix("|") + "| --- " * missing + "|"
    return "\n".join(lines)


def _cells(row: str) -> int:
    return len(_BARE_BAR.split(row.strip().removeprefix("|").removesuffix("|")))


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.use(chinese_emphasis_plugin)
    parser.use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)
    for kind in ("math_inline", "math_inline_double", "math_block"):
        parser.add_render_rule(kind, _formula)
    return parser


def _formula(_renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
    token = tokens[index]
    if formula(token.content):
        picture = f'<img class="formula" alt="{escape(" ".join(token.content.split()))}">'
        return f"<p>{picture}</p>\n" if token.type == "math_block" else picture
    dollars = "$" if token.type == "math_inline" else "$$"
    text = escape(f"{dollars}{token.content}{dollars}")
    return f"<p>{text}</p>\n" if token.type == "math_block" else text


def _with_lines(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.map and token.nesting >= 0 and token.type != "html_block":
            token.attrSet(LINE, str(token.map[0] + 1))
        if token.type == "fence" and not _INFO.fullmatch(token.info):
            # Not a language: words, which a reader would not see.
            token.content, token.info = f"{token.info.strip()}\n{token.content}", ""
        yield token
