"""What the helper processes run for `app.courses.rendering`. Nothing else imports this: it brings every parser with it."""

from collections.abc import Sequence

from app.courses import html_to_markdown, markdown, sanitize
from app.courses.context import Context, Fault, Offered, Rendering


def lesson_text(text: str, offered: Offered) -> Rendering:
    return markdown.render_lesson(text, offered.context())


def short_texts(texts: Sequence[tuple[str, str]]) -> list[tuple[str, list[Fault]]]:
    found = []
    for text, language in texts:
        context = Context(language=language)
        found.append((markdown.render_short(text, context), context.faults))
    return found


def outside_pictures(text: str) -> list[str]:
    return markdown.outside_pictures(text)


def clean_drawing(content: bytes) -> str:
    return sanitize.clean_svg(content.decode("utf-8"))


def column_text(html: str, first_line: int) -> tuple[str, list[tuple[int, str]], dict[str, bytes]]:
    """(Markdown, what was noted, pictures by name) of a column's lesson."""
    return html_to_markdown.converted(html, first_line)


def warm_up() -> None:
    """What is made once and kept, before the first lesson is waited for."""
    markdown.render_lesson("## a {#a}\n\n*b* $c$\n\n```python\nd = 1\n```\n", Context())
