"""View models of the search page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from app.search.excerpt import TextPiece

# "all": every result has all words. "some": no text has all of them. "other-language": only the other language's texts do.
Found = Literal["all", "some", "other-language"]


@dataclass(frozen=True)
class Result:
    """`heading` is empty for a note on a whole lesson, and for text before a lesson's first heading."""

    kind: str
    address: str
    lesson_title: Mapping[str, str]
    language: str
    heading: list[TextPiece]
    excerpt: list[TextPiece]


@dataclass(frozen=True)
class CommentResult:
    """A comment with all the words."""

    address: str
    author_id: UUID | None
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
    # Number of characters searched for, if the query was cut.
    cut_to: int = 0
    # Terms of the course, if nothing was searched for or found.
    suggestions: list[str] = field(default_factory=list)
