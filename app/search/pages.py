"""What the search page shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from app.search.excerpt import TextPiece

# "all": every word is in every result. "some": nowhere all of them. "other-language": only the other language's texts have them.
Found = Literal["all", "some", "other-language"]


@dataclass(frozen=True)
class Result:
    """`heading` is empty for a note on a whole lesson, and for what stands before a lesson's first heading."""

    kind: str
    address: str
    lesson_title: Mapping[str, str]
    language: str
    heading: list[TextPiece]
    excerpt: list[TextPiece]


@dataclass(frozen=True)
class CommentResult:
    """A comment in which all the words stand."""

    address: str
    author: str
    title: list[TextPiece]
    place: str
    excerpt: list[TextPiece]
    created_at: datetime
    is_imported: bool


@dataclass(frozen=True)
class SearchPage:
    query: str
    results: list[Result] = field(default_factory=list)
    total: int = 0
    number: int = 1
    pages: int = 1
    found: Found = "all"
    comments: list[CommentResult] = field(default_factory=list)
    # How many characters of the query were looked for, where not all were.
    cut_to: int = 0
    # Terms of the course, where nothing was looked for or found.
    suggestions: list[str] = field(default_factory=list)
