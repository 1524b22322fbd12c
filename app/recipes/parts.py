"""A recipe's own figure and try-out, each a template, a script, or both, in the recipe's folder.

figure.html figure.js        how its report's figures of kind "own" are drawn
try-out.html try-out.js      how to try the trained model

A template is Jinja2, like those of Sophora: `data` is its part of the report, `words` are the recipe's translations, `label` names classes. A script is
a module whose default export gets the element and its data; recipes/README.md describes both. They are read once, at start-up,
never while serving.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError

FIGURE, TRY_OUT = "figure", "try-out"
SCRIPTS = (f"{FIGURE}.js", f"{TRY_OUT}.js")


class PartError(ValueError):
    """A template that cannot be parsed; the message names file and line."""


@dataclass(frozen=True)
class Parts:
    """The texts by file name."""

    texts: Mapping[str, str] = field(default_factory=dict)

    def has(self, part: str) -> bool:
        return f"{part}.html" in self.texts or f"{part}.js" in self.texts

    def text(self, name: str) -> str:
        return self.texts.get(name, "")

    @property
    def digest(self) -> str:
        """Part of the scripts' addresses, so that browsers may cache them for ever."""
        total = hashlib.sha256()
        for name, text in sorted(self.texts.items()):
            total.update(f"{name} {len(text)} {text}".encode())
        return total.hexdigest()[:16]


def read_parts(folder: Path) -> Parts:
    """Raises PartError for a faulty template, UnicodeDecodeError, OSError."""
    names = [f"{part}.{suffix}" for part in (FIGURE, TRY_OUT) for suffix in ("html", "js")]
    texts = {name: (folder / name).read_text("utf-8") for name in names if (folder / name).is_file()}
    syntax = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    for name, text in texts.items():
        if name.endswith(".html"):
            try:
                syntax.parse(text)
            except TemplateSyntaxError as error:
                raise PartError(f"{folder / name}:{error.lineno}: {error.message}") from None
    return Parts(texts)
