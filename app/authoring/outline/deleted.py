"""Lessons that were deleted: their text is kept for a while and can be brought back."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, defer

from app.accounts.models import User
from app.authoring.drafts import LessonText, lesson_text, read_ahead
from app.authoring.models import DeletedLesson
from app.authoring.outline import service as outline
from app.authoring.presenters import title_of
from app.core.clock import now
from app.core.db import insert, session_scope
from app.core.errors import NotFound
from app.core.i18n import N_
from app.courses.models import Lesson, LessonDraft, Origin
from app.journal import journal
from app.publishing.revisions import text_digest

DAYS = 30
MOST_SHOWN = 20
GONE = N_("This lesson can no longer be restored.")


def keep(session: Session, user: User, lesson: Lesson) -> None:
    """Before `lesson` goes."""
    text = lesson_text(session, lesson.id)
    kept = insert(session, DeletedLesson).values(
        id=lesson.id,
        course_id=lesson.course_id,
        module_id=lesson.module_id,
        slug=lesson.slug,
        title=dict(title_of(lesson, text)),
        sources=text.sources,
        pictures=text.pictures,
        deleted_by_id=user.id,
        deleted_at=now(),
    )
    session.execute(kept.on_conflict_do_nothing())


def lately(session: Session) -> Sequence[DeletedLesson]:
    """The newest first, without their texts."""
    statement = select(DeletedLesson).order_by(DeletedLesson.deleted_at.desc()).limit(MOST_SHOWN)
    return session.scalars(
        statement.options(defer(DeletedLesson.sources), defer(DeletedLesson.pictures))
    ).all()


def bring_back(session: Session, user: User, lesson_id: UUID) -> UUID:
    """A draft with its text, at the end of its module (of the course's first where that is gone). Raises NotFound."""
    if session.get(Lesson, lesson_id):
        return lesson_id  # brought back a moment ago
    kept = session.get(DeletedLesson, lesson_id)
    if kept is None:
        raise NotFound(GONE)
    sources, pictures = dict(kept.sources), dict(kept.pictures)
    read_ahead(LessonText(sources, pictures, 0, None, None))
    digest = text_digest(sources, pictures)
    course = outline.get_course(session, kept.course_id)
    gone = delete(DeletedLesson).where(DeletedLesson.id == lesson_id).returning(DeletedLesson.id)
    if session.scalar(gone, execution_options={"synchronize_session": False}) is None:
        if session.get(Lesson, lesson_id):
            return lesson_id
        raise NotFound(GONE)
    modules = [module.id for module in course.modules]
    if not modules:
        raise NotFound(N_("Its course has no module. Add one first."))
    slug = outline.free_slug(session, course.id, kept.slug)
    session.add(Lesson(id=lesson_id, course_id=course.id, slug=slug, position=0))
    session.flush()
    session.add(
        LessonDraft(
            lesson_id=lesson_id,
            editor_id=user.id,
            origin=Origin.EDITOR,
            digest=digest,
            sources=sources,
            pictures=pictures,
        )
    )
    wanted = kept.module_id if kept.module_id in modules else modules[0]
    assert wanted
    outline.put_at_end(session, lesson_id, course, wanted)
    journal.record(session, user, "new-lesson", slug, course=course.slug)
    return lesson_id


def forget() -> None:
    with session_scope(name="old deleted lessons") as session:
        session.execute(delete(DeletedLesson).where(DeletedLesson.deleted_at < now() - timedelta(days=DAYS)))
