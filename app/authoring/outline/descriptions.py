"""Pictures without a description for readers who cannot see them: found in the lessons, and described one after another."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.authoring import publication, queries
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
    # Readers may have the words at once: nothing else of the lesson waits to be published.
    may_be_published: bool


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
    session: Session,
    user: User,
    lesson_id: UUID,
    file: str,
    number: int,
    source: str,
    words: str,
    *,
    publishes: bool = False,
) -> None:
    """Write a picture's description into the lesson's draft; with `publishes` also publish it, if nothing else is unpublished.

    Raises Invalid for an empty description and if the lesson cannot be published, Conflict if the text has changed meanwhile.
    """
    if not describes_a_picture(words):
        raise Invalid({"words": _("Please say what the picture shows.")})
    lesson = get_lesson(session, lesson_id)
    text = lesson_text(session, lesson.id)
    wanted = next(
        (p for p in undescribed(text.sources[file]) if (p.number, p.source) == (number, source)), None
    )
    if wanted is None:
        raise Conflict(
            N_("Somebody else has changed this text in the meantime. The list shows it as it is now.")
        )
    before, after = text.sources[file][: wanted.start], text.sources[file][wanted.end :]
    escaped = re.sub(r"([\\\[\]`*_$<])", r"\\\1", " ".join(words.split()))
    sources = text.sources | {file: before + escaped + after}
    try:
        if publishes and _only_describes(lesson, text):
            publication.publish(session, user, lesson_id, changed=replace(text, sources=sources))
        else:
            save_texts(session, user, lesson_id, text.version, sources)
    except publication.NotPublishable as error:
        raise Invalid({"words": error.sentence()}) from None
    except (DraftConflict, publication.ChangedMeanwhile):
        raise Conflict(
            N_("Somebody else has changed this text in the meantime. The list shows it as it is now.")
        ) from None


def _only_describes(lesson: Lesson, text: LessonText) -> bool:
    """Whether readers have all of the text but words for pictures."""
    base = text.base
    if base is None or lesson.published_revision_id != base.id or lesson.module_id is None:
        return False
    return dict(base.pictures) == text.pictures and all(
        _PICTURE.sub(r"![](\2)", source) == _PICTURE.sub(r"![](\2)", base.sources.get(file, ""))
        for file, source in text.sources.items()
    )


def _pictures(session: Session) -> Iterator[PictureToDescribe]:
    for lesson, draft, revision in queries.lessons_with_texts(session):
        latest = draft or revision
        text = LessonText(dict(latest.sources), dict(latest.pictures), 0, draft, revision)
        yield from _pictures_of(lesson, text)


def _pictures_of(lesson: Lesson, text: LessonText) -> Iterator[PictureToDescribe]:
    title, may_be_published = dict(title_of(lesson, text)), _only_describes(lesson, text)
    for file in TEXT_FILES:
        for picture in undescribed(text.sources.get(file, "")):
            key = text.pictures.get(picture.source)
            address = picture_address(key) if key else None
            yield PictureToDescribe(lesson, title, file, picture, address, may_be_published)


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
