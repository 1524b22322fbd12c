"""Pictures without a description for readers who cannot see them: found in the lessons, and described one after another."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.authoring import queries
from app.authoring.drafts import DraftConflict, LessonText, get_lesson, lesson_text, save_texts
from app.authoring.presenters import title_of
from app.core.errors import Conflict, Invalid
from app.core.i18n import N_
from app.core.i18n import gettext as _
from app.courses.models import Lesson
from app.markup.placeholders import describes_a_picture
from app.publishing.revisions import picture_address
from app.publishing.sources import TEXT_FILES

MOST_SHOWN = 30
_PICTURE = re.compile(r"!\[([^\[\]\n]{0,1000})\]\(<?([^\s()<>]{1,2000})>?")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})", re.MULTILINE)
_CODE = re.compile(r"(?<!`)(`{1,8})(?!`)[^`\n]*+\1(?!`)")
_HEADING = re.compile(r"^#{2,6} +(.*?) *(?:\{#[\w-]+\})? *$", re.MULTILINE)


@dataclass(frozen=True)
class Undescribed:
    """A picture in a text: `number` counts those without a description, `start` and `end` delimit where the description goes."""

    number: int
    source: str
    start: int
    end: int
    heading: str


@dataclass(frozen=True)
class PictureToDescribe:
    lesson: Lesson
    title: dict[str, str]
    file: str
    picture: Undescribed
    # None for an external picture: it is shown as a link.
    address: str | None


@dataclass(frozen=True)
class DescriptionsPage:
    """The first of the pictures that still need a description; `total` counts all. After a refused form it shows what was `typed`."""

    pictures: Sequence[PictureToDescribe]
    total: int
    typed: str = ""
    error: str | None = None


def undescribed(text: str) -> Iterator[Undescribed]:
    """The pictures of a Markdown text without a description, in order. Code blocks are skipped."""
    visible = _without_code(text)
    headings = [(match.start(), match[1]) for match in _HEADING.finditer(visible)]
    number = 0
    for match in _PICTURE.finditer(visible):
        if not describes_a_picture(match[1]):
            above = [heading for start, heading in headings if start < match.start()]
            yield Undescribed(number, match[2], match.start(1), match.end(1), above[-1] if above else "")
            number += 1


def descriptions_page(session: Session, typed: str = "", error: str | None = None) -> DescriptionsPage:
    found = list(_pictures(session))
    return DescriptionsPage(found[:MOST_SHOWN], len(found), typed, error)


def describe(
    session: Session, user: User, lesson_id: UUID, file: str, number: int, source: str, words: str
) -> None:
    """Write a picture's description into the lesson's draft.

    Raises Invalid for an empty description, Conflict if the text has changed meanwhile.
    """
    if not describes_a_picture(words):
        raise Invalid({"words": _("Please say what the picture shows.")})
    text = lesson_text(session, get_lesson(session, lesson_id).id)
    wanted = next(
        (p for p in undescribed(text.sources[file]) if (p.number, p.source) == (number, source)), None
    )
    if wanted is None:
        raise Conflict(
            N_("Somebody else has changed this text in the meantime. The list shows it as it is now.")
        )
    before, after = text.sources[file][: wanted.start], text.sources[file][wanted.end :]
    escaped = re.sub(r"([\\\[\]`*_$<])", r"\\\1", " ".join(words.split()))
    try:
        save_texts(session, user, lesson_id, text.version, {file: before + escaped + after})
    except DraftConflict:
        raise Conflict(
            N_("Somebody else has changed this text in the meantime. The list shows it as it is now.")
        ) from None


def _pictures(session: Session) -> Iterator[PictureToDescribe]:
    for lesson, draft, revision in queries.lessons_with_texts(session):
        latest = draft or revision
        text = LessonText(dict(latest.sources), dict(latest.pictures), 0, draft, revision)
        yield from _pictures_of(lesson, text)


def _pictures_of(lesson: Lesson, text: LessonText) -> Iterator[PictureToDescribe]:
    title = dict(title_of(lesson, text))
    for file in TEXT_FILES:
        for picture in undescribed(text.sources.get(file, "")):
            key = text.pictures.get(picture.source)
            yield PictureToDescribe(lesson, title, file, picture, picture_address(key) if key else None)


def _without_code(text: str) -> str:
    """The same text with code blanked out by spaces, so that all offsets stay valid."""
    parts, position, fence = [], 0, ""
    for match in _FENCE.finditer(text):
        if not fence:
            parts.append(text[position : match.start()])
            position, fence = match.start(), match[1]
        elif match[1].startswith(fence):
            parts.append(" " * (match.end() - position))
            position, fence = match.end(), ""
    rest = text[position:]
    parts.append(" " * len(rest) if fence else rest)
    return _CODE.sub(lambda code: " " * len(code[0]), "".join(parts))
