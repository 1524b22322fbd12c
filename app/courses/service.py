"""Reading a lesson as its reader sees it. Nothing here commits."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.courses import queries
from app.courses.models import Course, Lesson, LessonReading
from app.courses.pages import CoursePage, LabPlace, LessonEntry, LessonPage, ModuleEntry
from app.errors import NotFound
from app.i18n import current_language
from app.jobs import queries as job_queries
from app.jobs.pages import lab_form
from app.jobs.recipes import all_recipes


def course_page(session: Session, course: Course, user: User | None) -> CoursePage:
    read = queries.read_lesson_ids(session, user.id) if user else set()
    done = job_queries.done_labs(session, user.id) if user else set()
    modules = [
        ModuleEntry(module.title, [_entry(course, lesson, read, done) for lesson in module.lessons])
        for module in course.modules
    ]
    entries = [entry for module in modules for entry in module.lessons]
    upcoming = next((entry for entry in entries if not entry.is_done), None)
    return CoursePage(course, modules, upcoming, sum(entry.is_done for entry in entries), len(entries))


def get_course(session: Session, slug: str) -> Course:
    course = queries.course_by_slug(session, slug)
    if course is None:
        raise NotFound
    return course


def get_lesson(session: Session, course_slug: str, lesson_slug: str) -> Lesson:
    lesson = queries.published_lesson(session, course_slug, lesson_slug)
    if lesson is None:
        raise NotFound
    return lesson


def lesson_page(
    session: Session,
    lesson: Lesson,
    user: User | None,
    *,
    faulty_lab: str | None = None,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> LessonPage:
    """A lesson for its reader. After a faulty lab form, that lab shows what was typed and what is wrong."""
    revision = lesson.published
    rendering = revision.rendering[current_language.get()]
    address = lesson_address(lesson.course, lesson)
    jobs = job_queries.jobs_of_labs(session, user.id, lesson.id) if user else []
    labs = {}
    for key, lab in revision.labs.items():
        is_faulty = key == faulty_lab
        own = [job for job in jobs if job.lab_key == key]
        form = lab_form(
            all_recipes()[lab["recipe"]],
            lab,
            f"{address}/labs/{key}/jobs",
            typed=typed if is_faulty else None,
            errors=errors if is_faulty else None,
        )
        labs[key] = LabPlace(lab, form, own[:5], any(job.goal_reached_at for job in own))
    before, after = queries.neighbours(session, lesson)
    return LessonPage(
        course=lesson.course,
        lesson=lesson,
        revision=revision,
        segments=rendering["segments"],
        contents=rendering["contents"],
        terms=rendering["terms"],
        labs=labs,
        previous=before,
        next=after,
        is_read=bool(user and session.get(LessonReading, (user.id, lesson.id))),
        figures=sorted({segment["figure"] for segment in rendering["segments"] if "figure" in segment}),
    )


def mark_as_read(session: Session, user: User, lesson: Lesson) -> None:
    """Harmless when repeated."""
    if session.get(LessonReading, (user.id, lesson.id)) is None:
        session.add(LessonReading(user_id=user.id, lesson_id=lesson.id))


def lesson_address(course: Course, lesson: Lesson) -> str:
    return f"/courses/{course.slug}/lessons/{lesson.slug}"


def _entry(course: Course, lesson: Lesson, read: set[UUID], done: set[tuple[UUID, str]]) -> LessonEntry:
    labs = lesson.published.labs
    labs_done = sum((lesson.id, key) in done for key in labs)
    return LessonEntry(lesson, lesson_address(course, lesson), lesson.id in read, labs_done, len(labs))
