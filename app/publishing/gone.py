"""References of published lessons that no longer exist: recipes, settings, data sets, figures. The lessons stay readable."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.courses.models import Course, Lesson, LessonRevision
from app.labs.service import why_gone
from app.publishing.sources import CourseFiles


def lessons_as_loaded(session: Session, files: CourseFiles) -> set[str]:
    """Lessons whose folder equals the published revision: missing external references have gone since, and they stay readable."""
    rows = session.execute(
        select(Lesson.slug, LessonRevision.digest)
        .join(LessonRevision, LessonRevision.id == Lesson.published_revision_id)
        .join(Lesson.course)
        .where(Course.slug == files.course.slug)
    )
    return {slug for slug, digest in rows if slug in files.lessons and files.lessons[slug].digest == digest}


def labs_gone(session: Session, course_slug: str) -> dict[str, list[str]]:
    """By published lesson, the labs no longer offered, each with the reason."""
    rows = session.execute(
        select(Lesson.slug, LessonRevision.labs)
        .join(LessonRevision, LessonRevision.id == Lesson.published_revision_id)
        .join(Lesson.course)
        .where(Course.slug == course_slug)
        .order_by(Lesson.position)
    )
    found = {
        slug: [
            f"the lab {key!r}: {reason}"
            for key, lab in labs.items()
            if (reason := why_gone(lab["recipe"], lab))
        ]
        for slug, labs in rows
    }
    return {slug: reasons for slug, reasons in found.items() if reasons}
