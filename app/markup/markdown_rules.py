"""Sophora's additions to Markdown: anchors, figures, formulas, highlighted code, links between lessons, terms, call-outs."""

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from math_core import LatexError, LatexToMathML
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name

from app.markup.closing_marks import closing_marks_plugin
from app.markup.code_languages import IN_LESSONS, LONGEST_COLOURED
from app.markup.context import Context, Link, line_of
from app.markup.formulas import check_formula
from app.markup.picture_size import size_of
from app.markup.placeholders import describes_a_picture, is_template_word
from app.markup.sanitize import clean_svg

CALLOUTS = {
    "tip": {"zh": "提示", "en": "Tip"},
    "warning": {"zh": "当心", "en": "Watch out"},
    "maths": {"zh": "喜欢数学再看", "en": "Only if you like maths"},
    "details": {"zh": "展开", "en": "More"},
}
_HEADING_ANCHOR = re.compile(r"\s*(?<!\\)\{#([A-Za-z][\w-]*)\}\s*$")
# `S[t-1]{.sub}`, `10[-3]{.sup}`: subscript and superscript.
_SCRIPTS = {"sub": "sub", "sup": "sup"}
_LINE_MARKS = re.compile(r'hl="([\d,\- ]*)"')
_UNDESCRIBED = {"zh": "还没有文字说明的图", "en": "A picture without a description yet"}

RenderRule = Callable[[RendererHTML, Sequence[Token], int, Any, Any], str]


def core_rules(markdown: MarkdownIt, context: Context) -> None:
    markdown.core.ruler.after("block", "heading_anchor", _heading_anchor(context))
    markdown.core.ruler.push("heading_title", _heading_title(context))
    markdown.core.ruler.push("figures", _figures)
    markdown.use(closing_marks_plugin)


def render_rules(context: Context, languages: Mapping[str, str] = IN_LESSONS) -> dict[str, RenderRule]:
    """`languages` are those that code is highlighted in."""
    rules: dict[str, RenderRule] = {
        "math_inline": _math(context, display=False),
        "math_block": _math(context, display=True),
        "fence": _fence(context, languages),
        "link_open": _link(context),
        "span_open": _term_open(context),
        "span_close": _term_close,
        "table_open": lambda *_: '<div class="table-scroll" tabindex="0" role="group"><table>\n',
        "table_close": lambda *_: "</table></div>\n",
        "drawing": _picture(context),
        "image": _picture(context),
    }
    for name in CALLOUTS:
        rules[f"container_{name}_open"] = _callout_open(context)
        rules[f"container_{name}_close"] = _callout_close
    return rules


def plain_text(token: Token) -> str:
    """The text of an inline token, without marks."""
    kept = {"text", "code_inline", "math_inline"}
    words = (
        " " if c.type in {"softbreak", "hardbreak"} else c.content if c.type in kept else ""
        for c in token.children or []
    )
    return "".join(words)


def _heading_anchor(context: Context) -> Callable[[StateCore], None]:
    def rule(state: StateCore) -> None:
        taken = {entry["anchor"] for entry in context.contents}
        for position, token in enumerate(state.tokens):
            if token.type != "heading_open":
                continue
            inline = state.tokens[position + 1]
            match = _HEADING_ANCHOR.search(inline.content)
            anchor = match[1] if match else f"part-{len(context.contents) + 1}"
            if match:
                inline.content = inline.content[: match.start()]
            if token.tag == "h1":
                context.fault(token, "a lesson's headings start at `##`: its title is in lesson.toml")
            if anchor in taken:
                context.fault(token, f"the anchor #{anchor} is used twice")
            taken.add(anchor)
            token.attrSet("id", anchor)
            context.contents.append({"level": int(token.tag[1]), "anchor": anchor, "title": inline.content})

    return rule


def _heading_title(context: Context) -> Callable[[StateCore], None]:
    def rule(state: StateCore) -> None:
        inlines = [
            state.tokens[i + 1] for i, token in enumerate(state.tokens) if token.type == "heading_open"
        ]
        for entry, inline in zip(context.contents, inlines, strict=True):
            entry["title"] = plain_text(inline).strip()

    return rule


def _figures(state: StateCore) -> None:
    """A picture alone in its paragraph becomes a figure with a caption."""
    for position, token in enumerate(state.tokens):
        children = token.children or []
        if token.type != "inline" or len(children) != 1 or children[0].type != "image" or not position:
            continue
        opening, closing = state.tokens[position - 1], state.tokens[position + 1]
        if opening.type == "paragraph_open":
            children[0].type = "drawing"
            opening.tag = closing.tag = "figure"
            opening.hidden = closing.hidden = False


def _picture(context: Context) -> RenderRule:
    """Drawings are inlined, other pictures of the lesson are linked, external ones wait behind a link."""

    def rule(_renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
        token = tokens[index]
        source, alt, caption = (
            str(token.attrs.get("src", "")),
            _words(token),
            str(token.attrs.get("title") or ""),
        )
        if not alt.strip():
            context.gap(token, f"the picture {source} has no alternative text")
        elif not describes_a_picture(alt):
            context.fault(token, f"the alternative text {alt!r} does not say what the picture shows")
        if caption and is_template_word(caption):
            context.fault(token, f"the caption {caption!r} is a placeholder")
        is_figure = token.type == "drawing"
        figcaption = f"<figcaption>{escape(caption)}</figcaption>" if caption and is_figure else ""
        if "://" in source or source.startswith("//"):
            return f'<a class="picture-link" href="{escape(source)}">{escape(alt or source)}</a>{figcaption}'
        content = context.picture(source)
        context.used_pictures.add(source)
        if content is None:
            context.fault(token, f"there is no picture {source}")
            return f"{escape(alt)}{figcaption}"
        alt = alt if alt.strip() else _UNDESCRIBED[context.language]
        if source.endswith(".svg") and is_figure:
            # A picture of ink on paper keeps its colours in dark mode.
            kind = "drawing drawing-ink" if token.attrs.get("class") == "ink" else "drawing"
            return f'<div class="{kind}" role="img" aria-label="{escape(alt)}">{_drawing(content, token, context)}</div>{figcaption}'
        size = size_of(content)
        box = f' width="{size[0]}" height="{size[1]}"' if size else ""
        return f'<img src="{escape(context.picture_address(source))}" alt="{escape(alt)}"{box} loading="lazy" decoding="async">{figcaption}'

    return rule


def _words(picture: Token) -> str:
    """The alternative text, without Markdown's backslash escapes."""
    return "".join(_words(c) if c.type == "image" else c.content or " " for c in picture.children or [])


def _drawing(content: bytes, token: Token, context: Context) -> str:
    """A placeholder that no author can guess; `render_lesson` replaces it by the drawing after sanitising the HTML."""
    try:
        drawing = clean_svg(content.decode("utf-8"))
    except ValueError as error:
        context.fault(token, f"{token.attrs.get('src')}: {error}")
        return ""
    placeholder = f"drawing-{secrets.token_hex(16)}"
    context.drawings[placeholder] = drawing
    return placeholder


def _math(context: Context, *, display: bool) -> RenderRule:
    def rule(_renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
        token = tokens[index]
        formula = token.content.strip()
        try:
            check_formula(formula)
            mathml = LatexToMathML(fancy_error=False).convert_with_local_state(formula, displaystyle=display)
        except (LatexError, ValueError) as error:
            context.fault(token, f"the formula {formula[:80]!r} cannot be read: {error}")
            return f'<code class="formula-fault">{escape(token.content)}</code>'
        return f'<div class="formula" tabindex="0">{mathml}</div>\n' if display else mathml

    return rule


def _fence(context: Context, languages: Mapping[str, str]) -> RenderRule:
    def rule(_renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
        token = tokens[index]
        language = token.info.split()[0] if token.info.strip() else "text"
        if language not in languages:
            context.fault(token, f"no highlighting is known for {language[:80]!r}")
        is_coloured = len(token.content) <= LONGEST_COLOURED
        marked = _marked_lines(token, context)
        code = highlight(
            token.content,
            _lexer(languages.get(language, "text") if is_coloured else "text"),
            HtmlFormatter(nowrap=True, hl_lines=marked),
        )
        return f'<div class="code"><pre tabindex="0"><code class="language-{escape(language)}">{code}</code></pre></div>\n'

    return rule


@lru_cache
def _lexer(name: str) -> Lexer:
    return get_lexer_by_name(name, stripnl=False)


def _marked_lines(token: Token, context: Context) -> list[int]:
    """`hl="2,4-5"` -> [2, 4, 5]"""
    match = _LINE_MARKS.search(token.info)
    if match is None:
        return []
    numbers: list[int] = []
    for part in match[1].replace(" ", "").split(","):
        lines = re.fullmatch(r"(\d{1,6})(?:-(\d{1,6}))?", part)
        first, last = (int(lines[1]), int(lines[2] or lines[1])) if lines else (0, 0)
        if 1 <= first <= last <= token.content.count("\n"):
            numbers.extend(range(first, last + 1))
        else:
            context.fault(token, f'hl="{match[1]}" marks lines that the code does not have')
    return numbers


def _link(context: Context) -> RenderRule:
    def rule(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        token = tokens[index]
        target = str(token.attrs.get("href", ""))
        token.attrSet("href", _address(target, token, context))
        return renderer.renderToken(tokens, index, options, env)

    return rule


def _address(target: str, token: Token, context: Context) -> str:
    """A link's address; a broken link is a fault."""
    if target.startswith("lesson:"):
        slug, _, anchor = target.removeprefix("lesson:").partition("#")
        address = context.lesson_address(slug)
        if address is None:
            context.fault(token, f"there is no lesson {slug!r} in this course")
            return "#"
        if anchor:
            context.links.append(Link(line_of(token), slug, anchor))
        return address + (f"#{anchor}" if anchor else "")
    if target.startswith("#") and len(target) > 1:
        context.links.append(Link(line_of(token), "", target[1:]))
    elif context.picture(target) is not None:
        context.used_pictures.add(target)
        return context.picture_address(target)
    elif not re.match(r"https?://[^/]|mailto:.+@|/(?!/)", target):
        context.fault(
            token,
            f"the link {target!r} leads nowhere: expected https://…, mailto:…, #anchor, /path or lesson:folder",
        )
    return target


def _term_open(context: Context) -> RenderRule:
    def rule(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        token = tokens[index]
        key = token.attrs.pop("term", None)
        script = _SCRIPTS.get(str(token.attrs.get("class", "")))
        if key is None and script:
            token.meta = {"tag": script}
            return f"<{script}>"
        if key is None:
            token.meta = {"tag": "span"}
            return renderer.renderToken(tokens, index, options, env)
        key = str(key)
        if key not in context.terms and key not in context.earlier_terms:
            where = (
                f": the later lesson {context.later_terms[key]} defines it"
                if key in context.later_terms
                else ""
            )
            context.fault(
                token,
                f"the term {key!r} is used before it is defined{where}"
                if where
                else f"the term {key!r} is defined in no lesson",
            )
            token.meta = {"tag": "span"}
            return "<span>"
        context.used_terms.add(key)
        return f'<dfn data-term="{escape(key)}" tabindex="0">'

    return rule


def _term_close(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, _env: Any
) -> str:
    level = tokens[index].level
    opening = next(t for t in reversed(tokens[:index]) if t.type == "span_open" and t.level == level)
    return f"</{opening.meta.get('tag', 'dfn')}>"


def _callout_open(context: Context) -> RenderRule:
    def rule(_renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
        kind, _, title = tokens[index].info.strip().partition(" ")
        title = title.strip() or CALLOUTS[kind][context.language]
        if kind in {"maths", "details"}:
            return f'<details class="callout callout-{kind}"><summary>{escape(title)}</summary><div class="callout-body">\n'
        return f'<aside class="callout callout-{kind}"><p class="callout-title">{escape(title)}</p><div class="callout-body">\n'

    return rule


def _callout_close(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, _env: Any
) -> str:
    kind = tokens[index].type.removeprefix("container_").removesuffix("_close")
    return "</div></details>\n" if kind in {"maths", "details"} else "</div></aside>\n"
