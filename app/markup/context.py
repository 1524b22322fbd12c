"""What a lesson's text may refer to while it is rendered, and what rendering it finds out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # sandboxed processes import this, and do not need these
    from markdown_it.token import Token

    from app.core.text import Term


@dataclass(frozen=True)
class Fault:
    """An error in a text. `line` is 1-based; 0 if it concerns the whole file.

    `is_outside` if the text refers to something outside the course that does not exist: a recipe, a setting, a figure.
    """

    line: int
    message: str
    is_outside: bool = False
    # Something is still missing but does not block publication: readers are told.
    is_gap: bool = False


@dataclass(frozen=True)
class Link:
    """A link to an anchor in a lesson; `lesson` is empty for the lesson itself."""

    line: int
    lesson: str
    anchor: str


@dataclass(frozen=True)
class EarlierTerm:
    """A term that an earlier lesson of the course defines."""

    lesson: str
    term: Term


@dataclass(frozen=True)
class Rendering:
    """`segments`: {"html"} | {"figure", "caption", "run"?} | {"lab"} | {"quiz": [keys]}; `contents`: {"level", "anchor", "title"}.

    `anchors` are all possible link targets; `used_terms` the marked terms that exist.
    """

    segments: list[dict[str, Any]]
    contents: list[dict[str, Any]]
    text: str
    faults: list[Fault]
    links: list[Link]
    anchors: frozenset[str]
    used_terms: frozenset[str]
    used_pictures: frozenset[str]


@dataclass
class Context:
    """`terms` and `earlier_terms` are keys; `labs`, `questions` and `figures` are what a text may place; None if unknown
    (a short text).
    """

    language: str = "zh"
    terms: Collection[str] = ()
    earlier_terms: Collection[str] = ()
    # For a more helpful fault: term -> the later lesson that defines it.
    later_terms: Mapping[str, str] = field(default_factory=dict)
    picture: Callable[[str], bytes | None] = lambda _name: None
    picture_address: Callable[[str], str] = lambda name: name
    lesson_address: Callable[[str], str | None] = lambda _slug: None
    labs: Collection[str] | None = None
    questions: Collection[str] | None = None
    figures: Collection[str] | None = None

    contents: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    used_terms: set[str] = field(default_factory=set)
    used_pictures: set[str] = field(default_factory=set)
    placed: set[tuple[str, str]] = field(default_factory=set)
    # Placeholder -> SVG: drawings are inserted after the HTML around them was sanitised.
    drawings: dict[str, str] = field(default_factory=dict)

    def fault(self, token: Token | None, message: str) -> None:
        self.faults.append(Fault(line_of(token), message))

    def gap(self, token: Token | None, message: str) -> None:
        self.faults.append(Fault(line_of(token), message, is_gap=True))


@dataclass(frozen=True)
class Offered:
    """What a lesson's text may refer to, as plain data. `pictures` are (content, address) by name."""

    language: str = "zh"
    terms: Collection[str] = ()
    earlier_terms: Collection[str] = ()
    later_terms: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[str, tuple[bytes, str]] = field(default_factory=dict)
    lessons: Mapping[str, str] = field(default_factory=dict)
    labs: Collection[str] | None = None
    questions: Collection[str] | None = None
    figures: Collection[str] | None = None

    def context(self) -> Context:
        return Context(
            language=self.language,
            terms=self.terms,
            earlier_terms=self.earlier_terms,
            later_terms=self.later_terms,
            picture=lambda name: self.pictures[name][0] if name in self.pictures else None,
            picture_address=lambda name: self.pictures[name][1],
            lesson_address=self.lessons.get,
            labs=self.labs,
            questions=self.questions,
            figures=self.figures,
        )


def line_of(token: Token | None) -> int:
    return token.map[0] + 1 if token and token.map else 0
