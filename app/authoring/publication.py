"""From draft to published lesson: publish, unpublish, schedule, and run what is due."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from structlog import get_logger

from app.accounts.models import User
from app.accounts.queries import is_account_open
from app.authoring import queries
from app.authoring.checking import check_text
from app.authoring.drafts import LessonText, get_lesson, lesson_text, read_ahead, save_texts
from app.authoring.events import PublicationFailed
from app.authoring.models import PublicationOrder, ReplacedDraft
from app.board.importing import import_comments, new_comments
from app.core import events
from app.core.clock import now
from app.core.db import session_scope
from app.core.errors import Conflict, Invalid
from app.core.i18n import N_
from app.core.i18n import gettext as _
from app.core.permissions import Permission
from app.courses.models import Course, Lesson, LessonDraft, LessonRevision, Origin
from app.journal import journal
from app.publishing.revisions import Renderings, new_revision, render_ahead, renew_renderings, surroundings

log = get_logger()


class ChangedMeanwhile(Conflict):
    """The draft was saved between its check and its publication."""


class NotPublishable(Conflict):
    """The course check finds errors in the draft."""

    status = 422
    message = N_(
        "This lesson has mistakes that readers would see. They are listed beside the text; please fix them first."
    )

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = list(faults)
        super().__init__()


def publish(
    session: Session, user: User, lesson_id: UUID, *, changed: LessonText | None = None
) -> LessonRevision:
    """Publish the draft as a new revision; without changes, returns the newest revision.

    `changed` is the lesson's text with a change, which is saved and published in one step. Raises NotPublishable if the course check
    finds errors, DraftConflict if the text has changed meanwhile.
    """
    lesson = get_lesson(session, lesson_id)
    seen, renderings = changed or lesson_text(session, lesson_id), Renderings()
    if changed is None:
        _check_publishable(lesson, seen)
    _check_faults(session, lesson, seen)
    _render_ahead(session, lesson, seen, renderings)
    comments = new_comments(session, lesson)
    # Others wait from here on: nothing is parsed or rendered any more.
    course = _locked_course(session, lesson)
    if changed:
        save_texts(session, user, lesson_id, changed.version, changed.sources)
    text = lesson_text(session, lesson_id, lock=True)
    if (text.sources != seen.sources) if changed else (text.version != seen.version):
        raise ChangedMeanwhile
    session.refresh(lesson, ["module_id", "published_revision_id"])
    _check_publishable(lesson, text)
    revision = _revision(session, user, lesson, text, renderings)
    lesson.published_revision_id = revision.id
    _close_draft(session, lesson_id)
    session.flush()
    renew_renderings(session, course, renderings)
    import_comments(session, lesson, comments)
    journal.record(session, user, "publication", lesson.slug, revision=revision.number)
    return revision


def unpublish(session: Session, user: User, lesson_id: UUID) -> Lesson:
    """Unpublish a lesson. Its revisions, and what readers did in it, stay."""
    lesson = get_lesson(session, lesson_id)
    if lesson.published_revision_id is None:
        raise Conflict(N_("This lesson is not published."))
    renderings = Renderings()
    render_ahead(session, lesson.course, {lesson.slug: None}, renderings)
    course = _locked_course(session, lesson)
    session.refresh(lesson, ["published_revision_id"])
    if lesson.published_revision_id is None:
        raise Conflict(N_("This lesson is not published."))
    lesson.published_revision_id = None
    session.flush()
    renew_renderings(session, course, renderings)
    journal.record(session, user, "unpublication", lesson.slug)
    return lesson


def schedule(session: Session, user: User, lesson_id: UUID, moment: datetime) -> LessonDraft:
    """Schedule the draft, as it will be then, for `moment`. Raises Invalid for the past, NotPublishable for errors."""
    if moment <= now():
        raise Invalid({"publish_at": _("Please choose a time in the future.")})
    lesson = get_lesson(session, lesson_id)
    seen = lesson_text(session, lesson_id)
    if seen.draft is None:
        raise Conflict(N_("There is no draft: nothing would change at that time."))
    _check_faults(session, lesson, seen)
    text = lesson_text(session, lesson_id, lock=True)
    if text.draft is None or text.version != seen.version:
        raise ChangedMeanwhile
    text.draft.publish_at = moment
    session.merge(PublicationOrder(lesson_id=lesson_id, ordered_by_id=user.id, ordered_at=now(), faults=[]))
    journal.record(session, user, "schedule", lesson.slug, publish_at=moment.isoformat())
    return text.draft


def call_off(session: Session, user: User, lesson_id: UUID) -> None:
    """Cancel the scheduled publication; harmless if there is none."""
    draft = queries.draft(session, lesson_id, lock=True)
    session.execute(delete(PublicationOrder).where(PublicationOrder.lesson_id == lesson_id))
    if draft is not None and draft.publish_at is not None:
        draft.publish_at = None
        journal.record(session, user, "unschedule", get_lesson(session, lesson_id).slug)


def publish_due(moment: datetime | None = None) -> int:
    """Publish every draft that is due and return how many were. Called by the worker's sweep.

    Each lesson has its own transaction. One that cannot be published is unscheduled, and its editor shows why.
    """
    moment = moment or now()
    with session_scope(writes=False) as session:
        due = list(queries.due_lessons(session, moment))
    return sum(_publish_one_due(lesson_id, moment) for lesson_id in due)


def _publish_one_due(lesson_id: UUID, moment: datetime) -> bool:
    with session_scope(late=True, name="publication at its time") as session:
        draft = queries.draft(session, lesson_id)
        if draft is None or draft.publish_at is None or draft.publish_at > moment:
            return False  # another worker was quicker, or it was called off
        order = session.get(PublicationOrder, lesson_id)
        user = session.get(User, order.ordered_by_id) if order and order.ordered_by_id else None
        try:
            if user is None or not is_account_open(session, user.id) or not user.may(Permission.EDIT):
                raise NotPublishable(["who scheduled it may no longer publish"])
            publish(session, user, lesson_id)
            return True
        except ChangedMeanwhile:  # the next sweep looks at the new text
            return False
        except Conflict as error:
            faults = error.faults if isinstance(error, NotPublishable) else [str(error)]
        draft = queries.draft(session, lesson_id, lock=True)
        if draft is None or draft.publish_at is None or draft.publish_at > moment:
            return False
        draft.publish_at = None
        session.merge(
            PublicationOrder(
                lesson_id=lesson_id, ordered_by_id=user.id if user else None, ordered_at=moment, faults=faults
            )
        )
        lesson, who = session.get_one(Lesson, lesson_id), user.id if user else None
        events.send(session, PublicationFailed(lesson=lesson, user_id=who, faults=faults))
        log.warning("not published as scheduled", lesson=str(lesson_id), faults=faults)
        return False


def _check_publishable(lesson: Lesson, text: LessonText) -> None:
    if lesson.module_id is None:
        raise Conflict(N_("This lesson is not in any module. Put it into one first."))
    if text.base and not text.is_changed and lesson.published_revision_id == text.base.id:
        raise Conflict(N_("Readers already see this text; there is nothing to publish."))


def _check_faults(session: Session, lesson: Lesson, text: LessonText) -> None:
    faults = [str(fault) for fault in check_text(session, lesson, text).faults]
    if faults:
        raise NotPublishable(faults)


def _render_ahead(session: Session, lesson: Lesson, text: LessonText, renderings: Renderings) -> None:
    """Render the lesson itself and those of its course that change with it."""
    read_ahead(text)
    changed = {lesson.slug: text.sources["lesson.toml"]}
    renderings.of(text.sources, text.pictures, surroundings(session, lesson.course, lesson.slug))
    renderings.of(text.sources, text.pictures, surroundings(session, lesson.course, lesson.slug, changed))
    render_ahead(session, lesson.course, changed, renderings)


def _locked_course(session: Session, lesson: Lesson) -> Course:
    """Lessons refer to each other, so those of a course are published one after the other."""
    statement = select(Course).where(Course.id == lesson.course_id).with_for_update()
    return session.scalars(statement).one()


def _revision(
    session: Session, user: User, lesson: Lesson, text: LessonText, renderings: Renderings
) -> LessonRevision:
    if text.base and not text.is_changed:
        return text.base
    return new_revision(
        session,
        lesson.course,
        lesson,
        text.sources,
        text.pictures,
        origin=Origin.EDITOR,
        author_id=user.id,
        renderings=renderings,
    )


def _close_draft(session: Session, lesson_id: UUID) -> None:
    for table in (LessonDraft, PublicationOrder, ReplacedDraft):
        session.execute(delete(table).where(table.lesson_id == lesson_id))
