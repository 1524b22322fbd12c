"""A lesson's Markdown, rendered once when it is published.

The result is a list of segments: sanitised HTML, interleaved with the places of interactive figures, labs and quizzes,
which a page fills in for its reader.
"""

import re
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.attrs import attrs_plugin
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

from app.markup.context import Context, Fault, Link, Rendering, line_of
from app.markup.dollars import dollars_plugin
from app.markup.emphasis import chinese_emphasis_plugin
from app.markup.markdown_rules import CALLOUTS, core_rules, plain_text, render_rules
from app.markup.sanitize import clean_html

__all__ = ["Context", "Fault", "Link", "Rendering", "outside_pictures", "render_lesson", "render_short"]

EMBEDS = ("figure", "lab", "quiz")
# Of a figure: the lab whose trainings by the reader it shows.
RUN = "run="
# Anchors that the page around a lesson uses itself.
RESERVED_ANCHORS = re.compile(
    r"(end|end-title|glossary|main|keyboard-title|fn-?\w+)$|(term|lab|figure|quiz)-"
)
_SLUG = re.compile(r"^[a-z0-9][a-z0-9-]*$")
_SPACE = re.compile(r"\s+")


def render_lesson(text: str, context: Context) -> Rendering:
    """Render a lesson's text. Errors are collected in `faults`, never raised."""
    markdown = _lesson_markdown(context)
    env: dict[str, Any] = {}
    tokens = markdown.parse(text, env)
    _note_lines(tokens)
    _find_loose_marks(tokens, text, context)
    segments = _segments(markdown, tokens, env, context)
    plain = _SPACE.sub(" ", " ".join(plain_text(token) for token in tokens if token.type == "inline")).strip()
    anchors = _anchors(segments, context)
    for link in context.links:
        if not link.lesson and link.anchor not in anchors:
            context.faults.append(Fault(link.line, f"there is no #{link.anchor} in this lesson"))
    return Rendering(
        segments, context.contents, plain, sorted(context.faults, key=lambda fault: fault.line), context.links,
        anchors, frozenset(context.used_terms), frozenset(context.used_pictures),
    )  # fmt: skip


def _segments(
    markdown: MarkdownIt, tokens: Sequence[Token], env: dict[str, Any], context: Context
) -> list[dict[str, Any]]:
    """HTML, interleaved with what a page fills in for its reader."""
    segments: list[dict[str, Any]] = []
    pending: list[Token] = []

    def flush() -> None:
        html = _safe_html(markdown, pending, env, context)
        if html.strip():
            segments.append({"html": html})
        pending.clear()

    index = 0
    while index < len(tokens):
        token = tokens[index]
        kind = token.type.removeprefix("container_").removesuffix("_open")
        if token.type.startswith("container_") and token.type.endswith("_open") and kind in EMBEDS:
            end = _closing(tokens, index)
            if not token.level:
                flush()
                caption = _safe_html(markdown, tokens[index + 1 : end], env, context)
                segments += _embed(kind, token, caption, context)
            else:
                context.fault(token, f"`::: {kind}` must not stand inside another block")
            index = end + 1
        else:
            pending.append(token)
            index += 1
    flush()
    return segments


def render_short(text: str, context: Context | None = None) -> str:
    """Render a few sentences (a task, a prompt, a comment): Markdown and formulas, sanitised. Faults go to `context`."""
    context = context or Context()
    markdown = _lesson_markdown(context)
    env: dict[str, Any] = {}
    tokens = markdown.parse(text, env)
    _note_lines(tokens)
    kept = [t for t in tokens if not (t.type.startswith("container_") and t.type.split("_")[1] in EMBEDS)]
    return _safe_html(markdown, kept, env, context)


def outside_pictures(text: str) -> list[str]:
    """The addresses of external pictures in a text, in order."""
    found = []
    for token in _lesson_markdown(Context()).parse(text):
        for child in token.children or []:
            source = str(child.attrs.get("src", ""))
            if child.type in {"image", "drawing"} and "://" in source:
                found.append(source)
    return found


def _lesson_markdown(context: Context) -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    markdown.use(chinese_emphasis_plugin)
    markdown.use(footnote_plugin)
    markdown.use(attrs_plugin, spans=True, allowed=["term", "class"])
    markdown.use(dollarmath_plugin, double_inline=False).use(dollars_plugin)
    for name in (*CALLOUTS, *EMBEDS):
        markdown.use(container_plugin, name)
    core_rules(markdown, context)
    for name, rule in render_rules(context).items():
        markdown.add_render_rule(name, rule)
    return markdown


def _safe_html(markdown: MarkdownIt, tokens: Sequence[Token], env: dict[str, Any], context: Context) -> str:
    """Sanitised HTML with the drawings inserted: these are sanitised by rules of their own."""
    html = clean_html(markdown.renderer.render(list(tokens), markdown.options, env))
    for placeholder, drawing in context.drawings.items():
        html = html.replace(placeholder, drawing)
    return html


def _embed(kind: str, token: Token, caption: str, context: Context) -> list[dict[str, Any]]:
    """The segment of an embed; empty if it refers to nothing that exists."""
    names, run = token.info.split()[1:], ""
    if kind == "figure":
        run = _run_of(token, names, context)
        names = [name for name in names if not name.startswith(RUN)]
    if not names:
        context.fault(token, f"`::: {kind}` needs a name")
    if kind != "quiz" and len(names) > 1:
        context.fault(token, f"`::: {kind}` takes one name")
        names = names[:1]
    known = {"lab": context.labs, "quiz": context.questions, "figure": context.figures}[kind]
    kept = []
    for name in names:
        where = {"lab": " in lesson.toml", "quiz": " in quiz.toml", "figure": ""}[kind]
        noun = {"lab": "lab", "quiz": "question", "figure": "interactive figure"}[kind]
        if not _SLUG.match(name):
            context.fault(token, f"{name!r} is not a valid {noun} name")
        elif known is not None and name not in known:
            context.fault(token, f"there is no {noun} {name!r}{where}")
        elif (kind, name) in context.placed:
            context.fault(token, f"the {noun} {name!r} is placed twice")
        else:
            context.placed.add((kind, name))
            kept.append(name)
    if not kept:
        return []
    if kind == "quiz":
        return [{"quiz": kept}]
    if kind == "lab":
        return [{"lab": kept[0]}]
    return [{"figure": kept[0], "caption": caption} | ({"run": run} if run else {})]


def _run_of(token: Token, names: Sequence[str], context: Context) -> str:
    """The lab of this lesson whose trainings a figure shows; empty if it shows none."""
    labs = [name.removeprefix(RUN) for name in names if name.startswith(RUN)]
    if len(labs) > 1:
        context.fault(token, "`::: figure` takes one `run`")
    if not labs or (context.labs is not None and labs[0] not in context.labs):
        for lab in labs:
            context.fault(token, f"there is no lab {lab!r} in lesson.toml")
        return ""
    return labs[0]


def _anchors(segments: Sequence[dict[str, Any]], context: Context) -> frozenset[str]:
    anchors = (
        {entry["anchor"] for entry in context.contents} | {f"term-{key}" for key in context.terms} | {"end"}
    )
    for kind, name in context.placed:
        anchors.add(f"{kind}-{name}")
    for segment in segments:
        anchors.update(re.findall(r' id="(fn[\w-]+)"', segment.get("html", "")))
    return frozenset(anchors)


def _closing(tokens: Sequence[Token], index: int) -> int:
    closing, level = tokens[index].type.replace("_open", "_close"), tokens[index].level
    return next(
        i for i in range(index + 1, len(tokens)) if tokens[i].type == closing and tokens[i].level == level
    )


def _note_lines(tokens: Sequence[Token]) -> None:
    """Set the line of inline tokens, so that a fault can name it."""
    latest = None
    for token in tokens:
        latest = token.map or latest
        token.map = token.map or latest
        line = token.map[0] if token.map else 0
        for child in token.children or []:
            child.map = child.map or [line, line + 1]
            line += child.type in {"softbreak", "hardbreak"}


def _find_loose_marks(tokens: Sequence[Token], text: str, context: Context) -> None:
    """Marks without effect: an unclosed or unknown block, an unterminated formula."""
    lines = text.splitlines()
    for token in tokens:
        if token.type.startswith("container_") and token.type.endswith("_open") and token.map:
            end = token.map[1]
            if end >= len(lines) or not lines[end].lstrip(" >").startswith(":::"):
                context.fault(token, f"`::: {token.info.strip()}` is not closed by a line `:::`")
        for child in token.children or []:
            if child.type == "text" and child.content.startswith(":::"):
                context.fault(child, f"there is no block `{child.content.strip()}`")
            if child.type == "text" and "$$" in child.content:
                context.faults.append(
                    Fault(
                        line_of(child),
                        "`$$` without a formula: it needs its other `$$`, on lines of their own",
                    )
                )
    for entry, token in zip(context.contents, (t for t in tokens if t.type == "heading_open"), strict=False):
        if RESERVED_ANCHORS.match(entry["anchor"]):
            context.fault(token, f"the anchor #{entry['anchor']} is one of the page's own")
