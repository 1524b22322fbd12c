"""`sophora course load`: load a course's folder into the database. Idempotent.

Edits made in the browser are kept: a lesson whose published revision did not come from a folder, and the order
of modules and lessons if it differs from the last loaded course.toml.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.courses.models import Course, Lesson, LessonDraft, LessonRevision, Module, Origin
from app.courses.queries import next_position
from app.publishing.exporter import describe, parsed_course, without_empty_modules
from app.publishing.prepare import Surroundings, rendered_with, rendering_code
from app.publishing.revisions import (
    Renderings,
    new_revision,
    picture_hash,
    picture_key,
    renew_renderings,
    store_picture,
    terms_of,
)
from app.publishing.sources import CourseFiles, LessonFiles, ModuleSource, read_course
from app.recipes.recipe import recipes_digest


@dataclass(frozen=True)
class LoadReport:
    """Lessons by outcome; `kept` lists in sentences what was left unchanged because it was edited here."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    renewed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Published:
    number: int
    digest: str
    is_from_folder: bool


@dataclass(frozen=True)
class Before:
    """The previous state of the database: published revisions by lesson, and lessons that an earlier load removed from the course."""

    published: dict[UUID, Published]
    taken_out: set[UUID]


def is_loaded(session: Session, files: CourseFiles) -> bool:
    """True if these files were loaded before, by this version of Sophora, beside the same recipes: they need no check."""
    known = session.scalar(select(Course.loaded_digest).where(Course.slug == files.course.slug))
    return known is not None and known == _digest(files)


def load_course(session: Session, folder: Path, *, overwrite: bool = False) -> LoadReport:
    """Load a folder without faults by `check_course`. With `overwrite` its lessons win over edits made here.

    The caller commits.
    """
    files = read_course(folder)
    renderings = _render_ahead(session, files)
    report = LoadReport()
    course = session.scalar(select(Course).where(Course.slug == files.course.slug).with_for_update())
    is_new = course is None
    course = course or Course(slug=files.course.slug, position=next_position(session))
    keeps_order = not is_new and not overwrite and _order_was_edited(session, course, files, report)
    if not keeps_order:
        course.title, course.summary = files.course.title.model_dump(), files.course.summary.model_dump()
        course.first_number = files.course.first_number
    already = course.loaded_digest == _digest(files) and not overwrite
    course.source, course.loaded_digest = files.text, _digest(files)
    session.add(course)
    session.flush()
    lessons = {
        lesson.slug: lesson for lesson in session.scalars(select(Lesson).where(Lesson.course_id == course.id))
    }
    before = _look(session, course, lessons)
    if not keeps_order:
        _take_out(files, lessons, before, report)
    _place(session, course, files, lessons, report, keeps_order=keeps_order)
    for slug in files.listed:
        _load_lesson(session, course, lessons[slug], files, report, before, renderings, overwrite=overwrite)
    session.flush()
    if not already:
        report.renewed.extend(
            slug
            for slug in renew_renderings(session, course, renderings)
            if slug not in report.new + report.changed
        )
    return report


def _look(session: Session, course: Course, lessons: dict[str, Lesson]) -> Before:
    rows = session.execute(
        select(
            Lesson.id,
            LessonRevision.number,
            LessonRevision.digest,
            LessonRevision.origin,
            LessonRevision.author_id,
        )
        .join(LessonRevision, LessonRevision.id == Lesson.published_revision_id)
        .where(Lesson.course_id == course.id)
    )
    published = {
        row.id: Published(row.number, row.digest, row.origin == Origin.FOLDER and row.author_id is None)
        for row in rows
    }
    taken_out = {
        lesson.id for lesson in lessons.values() if lesson.module_id is None and lesson.id not in published
    }
    return Before(published, taken_out)


def _digest(files: CourseFiles) -> str:
    return hashlib.sha256(f"{files.digest()} {rendering_code()} {recipes_digest()}".encode()).hexdigest()


def _order_was_edited(session: Session, course: Course, files: CourseFiles, report: LoadReport) -> bool:
    """True if title, summary, modules or order equal neither the last load nor the folder."""
    here = describe(session, course)
    if here in (parsed_course(course.source), without_empty_modules(files.course)):
        return False
    report.kept.append(
        "course.toml: the course's modules or titles were edited here and stay; new lessons come at the end of their module"
    )
    return True


def _place(
    session: Session,
    course: Course,
    files: CourseFiles,
    lessons: dict[str, Lesson],
    report: LoadReport,
    *,
    keeps_order: bool,
) -> None:
    """Create modules and lessons, in the order of course.toml. Lessons created here come last."""
    modules = {
        module.slug: module for module in session.scalars(select(Module).where(Module.course_id == course.id))
    }
    own = sorted(
        (x for x in lessons.values() if x.slug not in files.listed), key=lambda lesson: lesson.position
    )
    position = max((lesson.position for lesson in lessons.values()), default=0) if keeps_order else 0
    for module_position, source in enumerate(files.course.modules):
        module = modules.get(source.slug)
        if module is None or not keeps_order:
            module = module or Module(course_id=course.id, slug=source.slug)
            module.title = source.title.model_dump()
            module.position = module_position if not keeps_order else len(modules) + module_position
            session.add(module)
            session.flush()
        for slug in _to_place(source, lessons, keeps_order):
            position += 1
            lesson = lessons.get(slug) or Lesson(course_id=course.id, slug=slug)
            if slug not in lessons:
                report.new.append(slug)
            lesson.module_id, lesson.position = module.id, position
            lessons[slug] = lesson
            session.add(lesson)
    if not keeps_order:
        for number, lesson in enumerate(own, start=position + 1):
            lesson.position = number
        _remove_empty_modules(session, files, modules, lessons)
    session.flush()


def _to_place(source: ModuleSource, lessons: dict[str, Lesson], keeps_order: bool) -> list[str]:
    return [slug for slug in source.lessons if slug not in lessons or not keeps_order]


def _remove_empty_modules(
    session: Session, files: CourseFiles, modules: dict[str, Module], lessons: dict[str, Lesson]
) -> None:
    listed = [module.slug for module in files.course.modules]
    used = {lesson.module_id for lesson in lessons.values()}
    later = len(listed)
    for slug, module in sorted(modules.items(), key=lambda item: item[1].position):
        if slug in listed:
            continue
        if module.id in used:
            module.position, later = later, later + 1
        else:
            session.delete(module)


def _load_lesson(
    session: Session,
    course: Course,
    lesson: Lesson,
    files: CourseFiles,
    report: LoadReport,
    before: Before,
    renderings: Renderings,
    *,
    overwrite: bool,
) -> None:
    source = files.lessons[lesson.slug]
    is_new = lesson.slug in report.new
    published = before.published.get(lesson.id)
    if published and published.digest == source.digest:
        report.unchanged.append(lesson.slug)
        return
    if not is_new and not overwrite:
        reason = _reason_to_keep(session, lesson, before)
        if reason:
            report.kept.append(f"{lesson.slug}: {reason}")
            return
    if not is_new:
        report.changed.append(lesson.slug)
        if session.get(LessonDraft, lesson.id):
            report.kept.append(
                f"{lesson.slug}: the folder's text is published now; a draft written on the older one stays"
            )
    _publish(session, course, lesson, source, files, renderings)


def _render_ahead(session: Session, files: CourseFiles) -> Renderings:
    """Before anything is locked: store pictures, and render lessons that are new or whose rendering would change."""
    renderings = Renderings()
    rows = session.execute(
        select(Lesson.slug, LessonRevision.digest, LessonRevision.rendered_with)
        .join(LessonRevision, LessonRevision.id == Lesson.published_revision_id)
        .join(Lesson.course)
        .where(Course.slug == files.course.slug)
    )
    published = {slug: (digest, made_with) for slug, digest, made_with in rows}
    for slug in files.listed:
        source, around = files.lessons[slug], _surroundings(files, slug)
        keys = {name: picture_key(name, content) for name, content in source.pictures.items()}
        digest, made_with = published.get(slug, ("", ""))
        if digest != source.digest:
            for name, content in source.pictures.items():
                store_picture(name, content)
        if (digest, made_with) != (source.digest, rendered_with(around)):
            renderings.of(source.sources, keys, around)
            for key in keys.values():
                picture_hash(key)
    return renderings


def _surroundings(files: CourseFiles, lesson_slug: str) -> Surroundings:
    terms = [(slug, terms_of(files.lessons[slug].sources["lesson.toml"])) for slug in files.listed]
    return Surroundings.of(files.course.slug, lesson_slug, terms)


def _publish(
    session: Session,
    course: Course,
    lesson: Lesson,
    source: LessonFiles,
    files: CourseFiles,
    renderings: Renderings,
) -> None:
    keys = {name: picture_key(name, content) for name, content in source.pictures.items()}
    around = _surroundings(files, lesson.slug)
    revision = new_revision(
        session,
        course,
        lesson,
        source.sources,
        keys,
        origin=Origin.FOLDER,
        around=around,
        renderings=renderings,
    )
    lesson.published_revision_id = revision.id


def _reason_to_keep(session: Session, lesson: Lesson, before: Before) -> str | None:
    published = before.published.get(lesson.id)
    if published is not None:
        return (
            None if published.is_from_folder else f"revision {published.number}, edited here, stays published"
        )
    if session.get(LessonDraft, lesson.id):
        return "a draft of it was written here; the folder's text is not published over it"
    return None if lesson.id in before.taken_out else "it was unpublished here and stays so"


def _take_out(files: CourseFiles, lessons: dict[str, Lesson], before: Before, report: LoadReport) -> None:
    """Unpublish lessons that the folder no longer has. Their rows stay: students' jobs and notes refer to them."""
    for slug, lesson in lessons.items():
        published = before.published.get(lesson.id) if slug not in files.listed else None
        if published is None:
            continue
        if published.is_from_folder:
            lesson.published_revision_id, lesson.module_id = None, None
            report.removed.append(slug)
        else:
            report.kept.append(f"{slug}: is not in the folder; it was written here and stays")
