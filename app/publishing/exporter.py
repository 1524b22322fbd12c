"""`sophora course export`: write the published lessons back into a folder, byte for byte as loaded or edited."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import storage
from app.core.text import Bilingual
from app.courses.models import Course, Lesson, LessonRevision, Module
from app.publishing.sources import LESSON_FILES, PICTURE, CourseSource, ModuleSource, parse_course
from app.publishing.toml_writing import toml_pair

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]*")


class ExportError(ValueError):
    """The course cannot be written; the message is one sentence."""


@dataclass(frozen=True)
class ExportReport:
    """`written` files differed or were missing, `left` are files in the folder that are not part of the course."""

    written: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def export_course(session: Session, course: Course, folder: Path) -> ExportReport:
    """Write the published lessons. Files with the right content are not touched, and none is deleted.

    Raises ExportError if a picture is missing from the storage.
    """
    report = ExportReport()
    files = {"course.toml": course_toml(session, course).encode()}
    for lesson, revision in _published(session, course):
        files |= {
            f"{lesson.slug}/{name}": content for name, content in _lesson_files(lesson.slug, revision).items()
        }
    for name, content in files.items():
        path = folder / name
        if path.is_file() and path.read_bytes() == content:
            report.same.append(name)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        report.written.append(name)
    present = (path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file())
    report.left.extend(
        path.as_posix()
        for path in present
        if path.as_posix() not in files and not path.parts[0].startswith(".")
    )
    return report


def course_toml(session: Session, course: Course) -> str:
    """course.toml as loaded, or generated if it no longer describes the course."""
    here = describe(session, course)
    return course.source if parsed_course(course.source) == here else write_course_toml(here)


def describe(session: Session, course: Course) -> CourseSource:
    """The course as it is in the database, with its published lessons. Modules without any are left out."""
    modules = session.scalars(
        select(Module).where(Module.course_id == course.id).order_by(Module.position, Module.slug)
    )
    lessons: dict[object, list[str]] = {}
    for lesson, _ in _published(session, course, light=True):
        lessons.setdefault(lesson.module_id, []).append(lesson.slug)
    return CourseSource(
        slug=course.slug,
        title=Bilingual.model_validate(course.title),
        summary=Bilingual.model_validate(course.summary),
        first_number=course.first_number,
        modules=[
            ModuleSource(
                slug=module.slug, title=Bilingual.model_validate(module.title), lessons=lessons[module.id]
            )
            for module in modules
            if module.id in lessons
        ],
    )


def write_course_toml(course: CourseSource) -> str:
    lines = [
        toml_pair("slug", course.slug),
        toml_pair("title", course.title.written),
        toml_pair("summary", course.summary.written),
    ]
    if course.first_number != 1:
        lines.append(toml_pair("first_number", course.first_number))
    for module in course.modules:
        lines += [
            "",
            "[[modules]]",
            toml_pair("slug", module.slug),
            toml_pair("title", module.title.written),
            toml_pair("lessons", module.lessons),
        ]
    return "\n".join(lines) + "\n"


def parsed_course(text: str) -> CourseSource | None:
    """course.toml without its empty modules; None if it cannot be parsed."""
    try:
        return without_empty_modules(parse_course(text))
    except ValueError:
        return None


def without_empty_modules(course: CourseSource) -> CourseSource:
    return course.model_copy(update={"modules": [module for module in course.modules if module.lessons]})


def _published(
    session: Session, course: Course, *, light: bool = False
) -> list[tuple[Lesson, LessonRevision | None]]:
    """The published lessons in modules, in reading order; `light` without their revisions."""
    statement = (
        select(Lesson)
        .join(Module, Module.id == Lesson.module_id)
        .where(Lesson.course_id == course.id, Lesson.published_revision_id.is_not(None))
        .order_by(Module.position, Module.slug, Lesson.position, Lesson.slug)
    )
    lessons = session.scalars(statement).all()
    return [
        (lesson, None if light else session.get(LessonRevision, lesson.published_revision_id))
        for lesson in lessons
    ]


def _lesson_files(slug: str, revision: LessonRevision | None) -> Mapping[str, bytes]:
    assert revision is not None and _SLUG.fullmatch(slug), slug
    files = {name: text.encode() for name, text in revision.sources.items() if name in LESSON_FILES}
    for name, key in revision.pictures.items():
        content = storage.read(key)
        if content is None or not PICTURE.fullmatch(name):
            raise ExportError(f"the picture {name} of the lesson {slug} is missing in the storage")
        files[name] = content
    return files
