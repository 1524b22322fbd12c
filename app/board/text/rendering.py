"""A comment's Markdown: a small and safe subset of the lessons'. Rendered when it is posted; a view renders nothing.

It runs in a sandboxed process: the rest of Sophora calls `app.board.text.comment_html`.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

from app.board.text.bare_links import bare_links_plugin
from app.board.text.mention_rule import MENTION, mention_plugin
from app.markup.closing_marks import closing_marks_plugin
from app.markup.code_languages import IN_COMMENTS
from app.markup.context import Context
from app.markup.dollars import dollars_plugin
from app.markup.emphasis import chinese_emphasis_plugin
from app.markup.markdown_rules import RenderRule, render_rules
from app.markup.sanitize import MATHML, MATHML_ATTRIBUTES

_TAGS = {
    "p", "br", "hr", "ul", "ol", "li", "blockquote", "pre", "code", "span", "em", "strong", "s", "a", "div",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "class"},
    "ol": {"start"},
    "code": {"class"},
    "span": {"class"},
    "div": {"class", "tabindex", "role"},
    "pre": {"tabindex"},
} | {tag: MATHML_ATTRIBUTES | {"class"} for tag in MATHML}  # fmt: skip
# Rules shared with lessons: formulas, highlighted code, wide tables. Their links and pictures are specific to lessons.
_SHARED_RULES = ("math_inline", "math_block", "fence", "table_open", "table_close")
# Permitted link targets: external addresses, or a page or section of this site.
_LINK = re.compile(r"https?://[^/]|mailto:[^\s]+@|/(?![/\\])|#[\w-]")

_CLEANER = nh3.Cleaner(
    tags=_TAGS | MATHML,
    attributes=_ATTRIBUTES,
    clean_content_tags={"script", "style"},
    url_schemes={"http", "https", "mailto"},
    link_rel="nofollow ugc noopener noreferrer",
)


def render_comment(body: str) -> str:
    """Sanitised HTML of a comment's text. No headings, pictures, HTML, terms or labs: such syntax stays as typed."""
    return _CLEANER.clean(_markdown().render(body))


@lru_cache
def _markdown() -> MarkdownIt:
    """One shared instance: faults go into a context that nobody reads."""
    markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    markdown.validateLink = lambda url: bool(_LINK.match(url))  # type: ignore[method-assign] # markdown-it-py has no other place for it
    markdown.disable(["heading", "lheading", "image", "reference"])
    markdown.use(chinese_emphasis_plugin, keeps_code=True)
    markdown.use(dollarmath_plugin, double_inline=False).use(dollars_plugin)
    markdown.use(mention_plugin).use(bare_links_plugin).use(closing_marks_plugin)
    for name in _SHARED_RULES:
        markdown.add_render_rule(name, _rules()[name])
    markdown.add_render_rule("fence", _fence)
    return markdown


def _fence(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """Highlighting would split the notation of a mention, which `html_with_names` then could not find."""
    if MENTION.search(tokens[index].content):
        tokens[index].info = "text"
    return str(_rules()["fence"](renderer, tokens, index, options, env))


@lru_cache
def _rules() -> dict[str, RenderRule]:
    return render_rules(_Heedless(), IN_COMMENTS)


def warm_up() -> None:
    """Build the caches before the first comment needs them."""
    render_comment("**a** https://a.example $b$\n\n| c |\n| - |\n\n```python\nd = 1\n```\n")


class _Heedless(Context):
    """Ignores faults: an author who writes `$x` sees it in the preview."""

    def fault(self, *_args: object) -> None:
        pass
