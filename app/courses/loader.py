"""`sophora course load`: bring a course's folder into the database. Loading the same folder again changes nothing."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import storage
from app.courses.models import Course, Lesson, LessonRevision, Module
from app.courses.publishing import digest, prepare_lesson
from app.courses.sources import CourseSource, parse_course, read_lesson_folder


@dataclass(frozen=True)
class LoadReport:
    new: list[str]
    changed: list[str]
    unchanged: list[str]


def load_course(session: Session, folder: Path) -> LoadReport:
    """Load a folder that `check_course` finds no fault in. The caller commits."""
    text = (folder / "course.toml").read_text(encoding="utf-8")
    source = parse_course(text)
    course = session.scalar(select(Course).where(Course.slug == source.slug)) or Course(slug=source.slug)
    course.title, course.summary, course.source = source.title.model_dump(), source.summary.model_dump(), text
    session.add(course)
    session.flush()
    report = LoadReport([], [], [])
    position = 0
    for module_position, module_source in enumerate(source.modules):
        module = session.scalar(
            select(Module).where(Module.course_id == course.id, Module.slug == module_source.slug)
        ) or Module(course_id=course.id, slug=module_source.slug)
        module.title, module.position = module_source.title.model_dump(), module_position
        session.add(module)
        session.flush()
        for slug in module_source.lessons:
            position += 1
            _load_lesson(session, course, module, folder / slug, position, source, report)
    return report


def _load_lesson(
    session: Session, course: Course, module: Module, folder: Path, position: int, source: CourseSource, report: LoadReport
) -> None:
    lesson = session.scalar(select(Lesson).where(Lesson.course_id == course.id, Lesson.slug == folder.name))
    if lesson is None:
        lesson = Lesson(course_id=course.id, slug=folder.name)
        report.new.append(folder.name)
    lesson.module_id, lesson.position = module.id, position
    session.add(lesson)
    session.flush()
    sources, pictures = read_lesson_folder(folder)
    published = session.get(LessonRevision, lesson.published_revision_id) if lesson.published_revision_id else None
    total = digest(sources, pictures)
    if published and published.digest == total:
        report.unchanged.append(folder.name)
        return
    if published:
        report.changed.append(folder.name)
    revision = _new_revision(session, course, lesson, sources, pictures, source)
    revision.digest = total
    session.add(revision)
    session.flush()
    lesson.published_revision_id = revision.id


def _new_revision(
    session: Session, course: Course, lesson: Lesson, sources: dict[str, str], pictures: dict[str, bytes], source: CourseSource
) -> LessonRevision:
    keys = {name: _store_picture(name, content) for name, content in pictures.items()}
    listed = {slug for module in source.modules for slug in module.lessons}
    prepared = prepare_lesson(
        sources,
        pictures.get,
        lambda name: f"/pictures/{keys[name].removeprefix('pictures/')}" if name in keys else name,
        lambda slug: f"/courses/{course.slug}/lessons/{slug}" if slug in listed else None,
    )
    latest = session.scalar(select(func.max(LessonRevision.number)).where(LessonRevision.lesson_id == lesson.id))
    return LessonRevision(
        lesson_id=lesson.id,
        number=(latest or 0) + 1,
        sources=sources,
        pictures=keys,
        title=prepared.lesson.title.model_dump(),
        question=prepared.lesson.question.model_dump(),
        minutes=prepared.lesson.minutes,
        labs=prepared.stored_labs(),
        quiz=prepared.stored_quiz(),
        rendering=prepared.stored_rendering(),
    )


def _store_picture(name: str, content: bytes) -> str:
    """Store a picture under the hash of its content: a name that never changes its meaning can be cached for ever."""
    key = f"pictures/{hashlib.sha256(content).hexdigest()[:32]}{Path(name).suffix.lower()}"
    storage.write(key, content)
    return key
