"""A lesson's Markdown, rendered once when it is published.

The result is a list of segments: sanitised HTML, and between it the places of interactive figures, labs and quizzes,
which a page fills in for its reader.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from secrets import token_hex
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from math_core import LatexError, LatexToMathML
from mdit_py_plugins.attrs import attrs_plugin
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from app.courses.sanitize import clean_html, clean_svg
from app.courses.sources import Term

CALLOUTS = {
    "tip": {"zh": "提示", "en": "Tip"},
    "warning": {"zh": "当心", "en": "Watch out"},
    "maths": {"zh": "喜欢数学再看", "en": "Only if you like maths"},
    "details": {"zh": "展开", "en": "More"},
}
EMBEDS = ("figure", "lab", "quiz")
_HEADING_ANCHOR = re.compile(r"\s*\{#([A-Za-z][\w-]*)\}\s*$")
_TEXT_BREAK = re.compile(r"\s+")


@dataclass(frozen=True)
class Fault:
    """A mistake in a text. `line` is 1-based; 0 where it is about the whole file."""

    line: int
    message: str


@dataclass(frozen=True)
class Rendering:
    """`segments`: {"html"} | {"figure", "caption"} | {"lab"} | {"quiz": [keys]}; `contents`: {"level", "anchor", "title"}."""

    segments: list[dict[str, Any]]
    contents: list[dict[str, Any]]
    text: str
    faults: list[Fault]


@dataclass
class Context:
    """What a text may refer to, and what its rendering finds out."""

    language: str = "zh"
    terms: Mapping[str, Term] = field(default_factory=dict)
    drawing: Callable[[str], bytes | None] = lambda _name: None
    picture_address: Callable[[str], str] = lambda name: name
    lesson_address: Callable[[str], str | None] = lambda _slug: None
    contents: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    seen_terms: set[str] = field(default_factory=set)
    # Where a drawing goes. Nobody can write it: words that name a drawing, in an attribute say, stay words.
    mark: str = field(default_factory=lambda: f"drawing-{token_hex(8)}")

    def fault(self, token: Token | None, message: str) -> None:
        self.faults.append(Fault(token.map[0] + 1 if token and token.map else self.line, message))

    line: int = 0


def render_lesson(text: str, context: Context) -> Rendering:
    """Render a lesson's text. Mistakes are collected in `faults`, never raised."""
    markdown = _lesson_markdown(context)
    env: dict[str, Any] = {}
    tokens = markdown.parse(text, env)
    _note_lines(tokens)
    segments: list[dict[str, Any]] = []
    pending: list[Token] = []

    def flush() -> None:
        html = clean_html(markdown.renderer.render(pending, markdown.options, env))
        html = _put_in_drawings(html, context)
        if html.strip():
            segments.append({"html": html})
        pending.clear()

    index = 0
    while index < len(tokens):
        token = tokens[index]
        kind = token.type.removeprefix("container_").removesuffix("_open")
        if token.type.startswith("container_") and token.type.endswith("_open") and kind in EMBEDS:
            end = _closing(tokens, index)
            flush()
            caption = clean_html(markdown.renderer.render(tokens[index + 1 : end], markdown.options, env))
            segments.append(_embed(kind, token, caption, context))
            index = end + 1
        else:
            pending.append(token)
            index += 1
    flush()
    plain = _TEXT_BREAK.sub(" ", " ".join(_plain_text(token) for token in tokens if token.type == "inline")).strip()
    return Rendering(segments, context.contents, plain, context.faults)


def render_short(text: str, context: Context | None = None) -> str:
    """Render a few sentences (a task, a prompt): inline Markdown and formulas, sanitised."""
    markdown = _lesson_markdown(context or Context())
    return clean_html(markdown.render(text))


def _embed(kind: str, token: Token, caption: str, context: Context) -> dict[str, Any]:
    names = token.info.split()[1:]
    if not names:
        context.fault(token, f"`::: {kind}` needs a name")
    if token.level:
        context.fault(token, f"`::: {kind}` must not stand inside another block")
    if kind == "quiz":
        return {"quiz": names}
    if kind == "lab":
        return {"lab": names[0] if names else ""}
    return {"figure": names[0] if names else "", "caption": caption}


def _lesson_markdown(context: Context) -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    markdown.use(footnote_plugin)
    markdown.use(attrs_plugin, spans=True, allowed=["term", "class"])
    markdown.use(dollarmath_plugin, double_inline=False)
    for name in (*CALLOUTS, *EMBEDS):
        markdown.use(container_plugin, name)
    for name in CALLOUTS:
        markdown.add_render_rule(f"container_{name}_open", _callout_open(context))
        markdown.add_render_rule(f"container_{name}_close", _callout_close)
    markdown.core.ruler.after("block", "heading_anchor", _heading_anchor(context))
    markdown.core.ruler.push("figures", _figures(context))
    for name, rule in {
        "math_inline": _math(context, display=False),
        "math_block": _math(context, display=True),
        "fence": _fence(context),
        "link_open": _link(context),
        "span_open": _term_open(context),
        "span_close": _term_close,
        "table_open": lambda *_: '<div class="table-scroll" tabindex="0" role="group"><table>\n',
        "table_close": lambda *_: "</table></div>\n",
        "drawing": _drawing,
        "image": _image(context),
    }.items():
        markdown.add_render_rule(name, rule)
    return markdown


def _heading_anchor(context: Context) -> Callable[[StateCore], None]:
    def rule(state: StateCore) -> None:
        for position, token in enumerate(state.tokens):
            if token.type != "heading_open":
                continue
            inline = state.tokens[position + 1]
            match = _HEADING_ANCHOR.search(inline.content)
            anchor = match[1] if match else f"part-{len(context.contents) + 1}"
            if match:
                inline.content = inline.content[: match.start()]
            if token.tag == "h1":
                context.fault(token, "a lesson's headings start at `##`: its title stands in lesson.toml")
            if any(entry["anchor"] == anchor for entry in context.contents):
                context.fault(token, f"the anchor #{anchor} is used twice")
            token.attrSet("id", anchor)
            title = re.sub(r"[*_`$]|\[([^\]]*)\]\{[^}]*\}", r"\1", inline.content)
            context.contents.append({"level": int(token.tag[1]), "anchor": anchor, "title": title})

    return rule


def _figures(context: Context) -> Callable[[StateCore], None]:
    """A picture alone in its paragraph becomes a figure with a caption."""

    def rule(state: StateCore) -> None:
        for position, token in enumerate(state.tokens):
            children = token.children or []
            if token.type != "inline" or len(children) != 1 or children[0].type != "image" or not position:
                continue
            image, opening, closing = children[0], state.tokens[position - 1], state.tokens[position + 1]
            if opening.type != "paragraph_open":
                continue
            image.type = "drawing"
            image.map = token.map
            image.meta = {"context": context}
            opening.tag = closing.tag = "figure"
            opening.hidden = closing.hidden = False

    return rule


def _drawing(_renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
    """A figure: an SVG drawing is put into the page afterwards (where `context.mark` stands), another picture is linked."""
    token = tokens[index]
    context: Context = token.meta["context"]
    source, alt, caption = str(token.attrs.get("src", "")), token.content, str(token.attrs.get("title") or "")
    if not alt.strip():
        context.fault(token, f"the picture {source} has no alternative text")
    is_outside = "://" in source or source.startswith("//")
    if not is_outside and context.drawing(source) is None:
        context.fault(token, f"there is no picture {source}")
    figcaption = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    if source.endswith(".svg") and not is_outside:
        return f'<div class="drawing" role="img" aria-label="{escape(alt)}">{context.mark}:{escape(source)}:</div>{figcaption}'
    if is_outside:
        return f'<a class="picture-link" href="{escape(source)}">{escape(alt or source)}</a>{figcaption}'
    return f'<img src="{escape(context.picture_address(source))}" alt="{escape(alt)}" loading="lazy" decoding="async">{figcaption}'


def _put_in_drawings(html: str, context: Context) -> str:
    def drawing(match: re.Match[str]) -> str:
        content = context.drawing(match[1])
        if content is None:
            return ""
        try:
            return clean_svg(content.decode("utf-8"))
        except ValueError as error:
            context.fault(None, f"{match[1]}: {error}")
            return ""

    return re.sub(rf"{context.mark}:([\w./-]+\.svg):", drawing, html)


def _image(context: Context) -> Callable[..., str]:
    def rule(_renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
        token = tokens[index]
        token.meta = {"context": context}
        return _drawing(_renderer, tokens, index, _options, _env)

    return rule


def _math(context: Context, *, display: bool) -> Callable[..., str]:
    def rule(_renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
        token = tokens[index]
        try:
            mathml = LatexToMathML(fancy_error=False).convert_with_local_state(token.content.strip(), displaystyle=display)
        except LatexError as error:
            context.fault(token, f"the formula {token.content.strip()!r} cannot be read: {error}")
            return f'<code class="formula-fault">{escape(token.content)}</code>'
        return f'<div class="formula" tabindex="0">{mathml}</div>\n' if display else mathml

    return rule


def _fence(context: Context) -> Callable[..., str]:
    def rule(_renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
        token = tokens[index]
        language = token.info.split()[0] if token.info.strip() else "text"
        marked = re.search(r'hl="([\d,\- ]+)"', token.info)
        try:
            lexer = get_lexer_by_name(language, stripnl=False)
        except ClassNotFound:
            context.fault(token, f"no highlighting is known for {language!r}")
            lexer = get_lexer_by_name("text")
        formatter = HtmlFormatter(nowrap=True, hl_lines=_line_numbers(marked[1]) if marked else [])
        code = highlight(token.content, lexer, formatter)
        return f'<div class="code"><pre tabindex="0"><code class="language-{escape(language)}">{code}</code></pre></div>\n'

    return rule


def _line_numbers(marks: str) -> list[int]:
    """`2,4-5` -> [2, 4, 5]"""
    numbers: list[int] = []
    for part in marks.replace(" ", "").split(","):
        first, _, last = part.partition("-")
        numbers.extend(range(int(first), int(last or first) + 1))
    return numbers


def _link(context: Context) -> Callable[..., str]:
    def rule(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        token = tokens[index]
        target = str(token.attrs.get("href", ""))
        if target.startswith("lesson:"):
            slug, _, anchor = target.removeprefix("lesson:").partition("#")
            address = context.lesson_address(slug)
            if address is None:
                context.fault(token, f"there is no lesson {slug!r}")
                address = ""
            token.attrSet("href", address + (f"#{anchor}" if anchor else ""))
        return renderer.renderToken(tokens, index, options, env)

    return rule


def _term_open(context: Context) -> Callable[..., str]:
    def rule(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        token = tokens[index]
        key = token.attrs.pop("term", None)
        if key is None:
            token.meta = {"tag": "span"}
            return renderer.renderToken(tokens, index, options, env)
        if str(key) not in context.terms:
            context.fault(token, f"the term {key!r} is not defined in lesson.toml")
        context.seen_terms.add(str(key))
        return f'<dfn data-term="{escape(str(key))}" tabindex="0">'

    return rule


def _term_close(_renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
    level = tokens[index].level
    opening = next(t for t in reversed(tokens[:index]) if t.type == "span_open" and t.level == level)
    return "</span>" if opening.meta.get("tag") == "span" else "</dfn>"


def _callout_open(context: Context) -> Callable[..., str]:
    def rule(_renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
        kind, _, title = tokens[index].info.strip().partition(" ")
        title = title.strip() or CALLOUTS[kind][context.language]
        if kind in {"maths", "details"}:
            return f'<details class="callout callout-{kind}"><summary>{escape(title)}</summary><div class="callout-body">\n'
        return f'<aside class="callout callout-{kind}"><p class="callout-title">{escape(title)}</p><div class="callout-body">\n'

    return rule


def _callout_close(_renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
    kind = tokens[index].type.removeprefix("container_").removesuffix("_close")
    return "</div></details>\n" if kind in {"maths", "details"} else "</div></aside>\n"


def _closing(tokens: Sequence[Token], index: int) -> int:
    closing, level = tokens[index].type.replace("_open", "_close"), tokens[index].level
    return next(i for i in range(index + 1, len(tokens)) if tokens[i].type == closing and tokens[i].level == level)


def _note_lines(tokens: Sequence[Token]) -> None:
    """Give inline tokens the line of their block, so that a fault can name it."""
    for token in tokens:
        for child in token.children or []:
            child.map = child.map or token.map


def _plain_text(token: Token) -> str:
    kept = {"text", "code_inline", "math_inline", "softbreak"}
    return "".join(" " if child.type == "softbreak" else child.content for child in token.children or [] if child.type in kept)
