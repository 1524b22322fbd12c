"""A recipe's own figure and try-out on a job's page."""

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Any

from jinja2 import Template
from markupsafe import Markup
from structlog import get_logger

from app.core.i18n import in_language
from app.recipes.dataset import described
from app.recipes.recipe import Recipe
from app.web.templating import environment

log = get_logger()


def recipe_part(recipe: Recipe, part: str, data: Any, epochs: Sequence[dict[str, Any]] = ()) -> Markup:
    """`part`.html of the recipe's folder, rendered with `data` of the report and, for a figure, `epochs`, what it drew after each;
    empty if it cannot be rendered.

    A report may be older than the template: missing data costs the drawing, not the page.
    """
    text = recipe.parts.text(f"{part}.html")
    if not text:
        return Markup()
    words = recipe_words(recipe)
    try:
        return Markup(
            _template(text).render(data=data, epochs=epochs, words=words, label=partial(_label, recipe))
        )
    except Exception as error:  # whatever an author's template raises
        log.error("a recipe's template failed", recipe=recipe.slug, part=part, error=repr(error))
        return Markup()


def recipe_words(recipe: Recipe) -> dict[str, str]:
    """The recipe's translations in the reader's language."""
    return {name: in_language(text) for name, text in recipe.words.items()}


def _label(recipe: Recipe, name: str) -> str:
    """The name of a class or a column in the reader's language."""
    data = described(recipe.dataset)
    return in_language(data.labels[name]) if data and name in data.labels else name


@lru_cache(maxsize=64)
def _template(text: str) -> Template:
    return environment().from_string(text)
