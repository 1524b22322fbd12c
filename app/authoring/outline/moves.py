"""A lesson as a whole: copied, moved into another course, deleted."""

from uuid import UUID, uuid4

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.sent_forms import is_first, made_before
from app.authoring.drafts import get_lesson, lesson_text, read_ahead
from app.authoring.outline import deleted
from app.authoring.outline import service as outline
from app.authoring.pages import DeletionPage
from app.authoring.presenters import title_of
from app.board.models import Thread
from app.core.errors import Conflict, Invalid
from app.core.i18n import N_
from app.core.i18n import gettext as _
from app.courses.models import Lesson, LessonDraft, LessonReading, LessonRevision, Origin
from app.jobs.models import Job
from app.journal import journal
from app.publishing.revisions import text_digest
from app.search.models import SearchEntry

PUBLISHED = N_("This lesson is published. Unpublish it first.")


def copy_lesson(session: Session, user: User, lesson_id: UUID, module_id: UUID) -> Lesson:
    """A copy of the lesson at the end of a module of any course, as a draft that readers cannot see."""
    if earlier := made_before(session, user, Lesson):
        return earlier
    lesson, text = get_lesson(session, lesson_id), lesson_text(session, lesson_id)
    read_ahead(text)
    digest = text_digest(text.sources, text.pictures)
    module = outline.get_module(session, module_id)
    course = outline.get_course(session, module.course_id)
    slug = outline.free_slug(session, course.id, lesson.slug)
    copy = Lesson(id=uuid4(), course_id=course.id, slug=slug, position=0)
    if not is_first(session, user, copy.id):
        return made_before(session, user, Lesson) or copy
    session.add(copy)
    session.flush()
    session.add(
        LessonDraft(
            lesson_id=copy.id,
            editor_id=user.id,
            origin=Origin.EDITOR,
            digest=digest,
            sources=dict(text.sources),
            pictures=dict(text.pictures),
        )
    )
    outline.put_at_end(session, copy.id, course, module_id)
    journal.record(session, user, "new-lesson", copy.slug, course=course.slug, copied_from=lesson.slug)
    return copy


def move_lesson_to(session: Session, user: User, lesson_id: UUID, module_id: UUID) -> None:
    """Move to the end of a module: within its course at any time, to another course only while no reader has its address."""
    lesson, module = get_lesson(session, lesson_id), outline.get_module(session, module_id)
    if module.course_id == lesson.course_id:
        outline.put_into_module(session, user, lesson_id, module_id)
        return
    if lesson.published_revision_id is not None:
        raise Conflict(PUBLISHED)
    course = outline.get_course(session, module.course_id)
    lesson = get_lesson(session, lesson_id)
    if session.scalar(select(Lesson.id).where(Lesson.course_id == course.id, Lesson.slug == lesson.slug)):
        raise Conflict(N_("The other course already has a lesson with this short name. Copy it instead."))
    lesson.course_id = course.id
    session.flush()
    outline.put_at_end(session, lesson_id, course, module_id)
    journal.record(session, user, "order", lesson.slug, course=course.slug, module=module.slug)


def deletion_page(session: Session, lesson_id: UUID, error: str | None = None) -> DeletionPage:
    """What is deleted with a lesson, and what stays."""
    lesson, text = get_lesson(session, lesson_id), lesson_text(session, lesson_id)
    key = f"lesson:{lesson_id}"
    return DeletionPage(
        lesson=lesson,
        title=title_of(lesson, text),
        notes=_count(
            session, select(func.count(SearchEntry.note_id)).where(SearchEntry.lesson_id == lesson_id)
        ),
        readers=_count(session, select(func.count()).where(LessonReading.lesson_id == lesson_id)),
        trainings=_count(session, select(func.count()).where(Job.lesson_id == lesson_id)),
        comments=_count(session, select(Thread.comment_count).where(Thread.key == key)),
        is_published=lesson.published_revision_id is not None,
        error=error,
    )


def remove_lesson(session: Session, user: User, lesson_id: UUID) -> None:
    """Remove a lesson that was never published; its text can be brought back for a while."""
    lesson = get_lesson(session, lesson_id)
    if session.scalar(select(func.count()).where(LessonRevision.lesson_id == lesson_id)):
        raise Conflict(
            N_(
                "This lesson was published before: readers may have notes and training jobs in it. Unpublish it instead."
            )
        )
    deleted.keep(session, user, lesson)
    session.execute(delete(Lesson).where(Lesson.id == lesson_id))
    journal.record(session, user, "removal", lesson.slug, course=lesson.course.slug)


def delete_lesson(session: Session, user: User, lesson_id: UUID, typed: str) -> None:
    """It can be brought back for a while with all that is in it. `typed` is its short name, to be sure."""
    lesson = get_lesson(session, lesson_id)
    if typed != lesson.slug:
        raise Invalid({"typed": _("This is not the lesson's short name. Nothing was deleted.")})
    if not deleted.put_away(session, user, lesson):
        raise Conflict(PUBLISHED)
    journal.record(session, user, "removal", typed, course=lesson.course.slug)


def _count(session: Session, statement: Select[int]) -> int:
    return session.scalar(statement) or 0
