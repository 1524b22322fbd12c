"""Lessons that were deleted: for a while they can be brought back.

Of a lesson that was never published the text is kept. What readers had before keeps everything (revisions, notes, answers, trainings):
it only stands in no module and has given up its short name; its comments stay readable in a discussion of their own meanwhile.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, defer

from app.accounts.models import User
from app.authoring.drafts import LessonText, lesson_text, read_ahead
from app.authoring.models import DeletedLesson
from app.authoring.outline import service as outline
from app.authoring.presenters import title_of
from app.board.orphans import leave_behind, take_back
from app.board.places import lesson_place
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


def put_away(session: Session, user: User, lesson: Lesson) -> bool:
    """Keep an unpublished lesson, with all that readers have in it, where nobody sees it. False if it is published."""
    slug = lesson.slug
    keep(session, user, lesson)
    leave_behind(session, [lesson_place(lesson).key])
    away = (
        update(Lesson)
        .where(Lesson.id == lesson.id, Lesson.published_revision_id.is_(None), Lesson.slug == slug)
        .values(module_id=None, slug=f"deleted-{lesson.id.hex}")
        .returning(Lesson.id)
    )
    if session.scalar(away, execution_options={"synchronize_session": False}) is None:
        return False
    session.execute(update(LessonDraft).where(LessonDraft.lesson_id == lesson.id).values(publish_at=None))
    return True


def bring_back(session: Session, user: User, lesson_id: UUID) -> UUID:
    """Unpublished, at the end of its module (of the course's first where that is gone). Raises NotFound."""
    kept = session.get(DeletedLesson, lesson_id)
    if kept is None:
        return _brought_back_before(session, lesson_id)
    sources, pictures = dict(kept.sources), dict(kept.pictures)
    read_ahead(LessonText(sources, pictures, 0, None, None))
    digest = text_digest(sources, pictures)
    course = outline.get_course(session, kept.course_id)
    modules = [module.id for module in course.modules]
    if not modules:
        raise NotFound(N_("Its course has no module. Add one first."))
    gone = delete(DeletedLesson).where(DeletedLesson.id == lesson_id).returning(DeletedLesson.id)
    if session.scalar(gone, execution_options={"synchronize_session": False}) is None:
        return _brought_back_before(session, lesson_id)
    slug = outline.free_slug(session, course.id, kept.slug)
    if lesson := session.get(Lesson, lesson_id):
        lesson.slug = slug
        lesson.course = course
        session.flush()
        take_back(session, lesson_place(lesson))
    else:
        _write_anew(
            session, user, Lesson(id=lesson_id, course_id=course.id, slug=slug, position=0), kept, digest
        )
    wanted = kept.module_id if kept.module_id in modules else modules[0]
    assert wanted
    outline.put_at_end(session, lesson_id, course, wanted)
    journal.record(session, user, "new-lesson", slug, course=course.slug)
    return lesson_id


def _brought_back_before(session: Session, lesson_id: UUID) -> UUID:
    """The same form was sent a moment ago. Raises NotFound."""
    if session.get(Lesson, lesson_id) is None:
        raise NotFound(GONE)
    return lesson_id


def _write_anew(session: Session, user: User, lesson: Lesson, kept: DeletedLesson, digest: str) -> None:
    session.add(lesson)
    session.flush()
    session.add(
        LessonDraft(
            lesson_id=lesson.id,
            editor_id=user.id,
            origin=Origin.EDITOR,
            digest=digest,
            sources=dict(kept.sources),
            pictures=dict(kept.pictures),
        )
    )


def forget() -> None:
    """Those that nobody has brought back go for good, one after the other: with a lesson go its readers' notes and answers."""
    with session_scope(writes=False) as session:
        old = select(DeletedLesson.id).where(DeletedLesson.deleted_at < now() - timedelta(days=DAYS))
        found = session.scalars(old).all()
    for lesson_id in found:
        with session_scope(name="old deleted lesson") as session:
            gone = delete(DeletedLesson).where(DeletedLesson.id == lesson_id).returning(DeletedLesson.id)
            if session.scalar(gone, execution_options={"synchronize_session": False}):
                session.execute(delete(Lesson).where(Lesson.id == lesson_id))
