"""Entry points that sandboxed processes run for `app.markup.rendering`. Nothing else imports this: it loads every parser."""

from collections.abc import Sequence

from app.markup import lesson_markdown, sanitize
from app.markup.context import Context, Fault, Offered, Rendering


def lesson_text(text: str, offered: Offered) -> Rendering:
    return lesson_markdown.render_lesson(text, offered.context())


def short_texts(texts: Sequence[tuple[str, str]]) -> list[tuple[str, list[Fault]]]:
    found = []
    for text, language in texts:
        context = Context(language=language)
        found.append((lesson_markdown.render_short(text, context), context.faults))
    return found


def outside_pictures(text: str) -> list[str]:
    return lesson_markdown.outside_pictures(text)


def clean_drawing(content: bytes) -> str:
    return sanitize.clean_svg(content.decode("utf-8"))


def warm_up() -> None:
    """Build the caches before the first lesson needs them."""
    lesson_markdown.render_lesson("## a {#a}\n\n*b* $c$\n\n```python\nd = 1\n```\n", Context())
