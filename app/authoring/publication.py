"""From draft to what readers see: publish, unpublish, schedule, and do at its time what was scheduled."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session
from structlog import get_logger

from app.accounts.models import Role, User
from app.admin import journal
from app.authoring import queries
from app.authoring.checking import check_text
from app.authoring.drafts import LessonText, get_lesson, lesson_text
from app.authoring.models import PublicationOrder, ReplacedDraft
from app.board.importing import import_comments
from app.clock import now
from app.courses.models import Course, Lesson, LessonDraft, LessonRevision, Origin
from app.courses.revisions import new_revision, renew_renderings
from app.db import session_scope
from app.errors import Conflict, Invalid
from app.i18n import N_
from app.i18n import gettext as _

log = get_logger()


class NotPublishable(Conflict):
    """The course check finds faults in the draft."""

    status = 422
    message = N_(
        "This lesson has mistakes that a reader would meet. They are listed beside the text; mend them first."
    )

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = list(faults)
        super().__init__()


def publish(session: Session, user: User, lesson_id: UUID) -> LessonRevision:
    """Show readers what the draft says, as a new revision; without changes, the newest revision again.

    Raises NotPublishable where the course check finds faults.
    """
    lesson = get_lesson(session, lesson_id)
    text = lesson_text(session, lesson_id, lock=True)
    if lesson.module_id is None:
        raise Conflict(N_("This lesson stands in no module. Put it into one first."))
    if not text.is_changed and lesson.published_revision_id == text.base.id:
        raise Conflict(N_("Readers see this text already: there is nothing to publish."))
    faults = [str(fault) for fault in check_text(session, lesson, text)]
    if faults:
        raise NotPublishable(faults)
    revision = _revision(session, user, lesson, text)
    lesson.published_revision_id = revision.id
    _close_draft(session, lesson_id)
    session.flush()
    renew_renderings(session, session.get_one(Course, lesson.course_id))
    import_comments(session, lesson)
    journal.record(session, user, "publication", lesson.slug, revision=revision.number)
    return revision


def unpublish(session: Session, user: User, lesson_id: UUID) -> Lesson:
    """Take a lesson from its readers. Its revisions, and what readers did in it, stay."""
    lesson = get_lesson(session, lesson_id)
    if lesson.published_revision_id is None:
        raise Conflict(N_("This lesson is not published."))
    lesson.published_revision_id = None
    session.flush()
    renew_renderings(session, session.get_one(Course, lesson.course_id))
    journal.record(session, user, "unpublication", lesson.slug)
    return lesson


def schedule(session: Session, user: User, lesson_id: UUID, moment: datetime) -> LessonDraft:
    """Have the draft published at `moment`, with what it says then. Raises Invalid for the past, NotPublishable for faults."""
    if moment <= now():
        raise Invalid({"publish_at": _("Please choose a time to come.")})
    lesson = get_lesson(session, lesson_id)
    text = lesson_text(session, lesson_id, lock=True)
    if text.draft is None:
        raise Conflict(N_("There is no draft: nothing would change at that time."))
    faults = [str(fault) for fault in check_text(session, lesson, text)]
    if faults:
        raise NotPublishable(faults)
    text.draft.publish_at = moment
    session.merge(PublicationOrder(lesson_id=lesson_id, ordered_by_id=user.id, ordered_at=now(), faults=[]))
    journal.record(session, user, "schedule", lesson.slug, publish_at=moment.isoformat())
    return text.draft


def call_off(session: Session, user: User, lesson_id: UUID) -> None:
    """Take back what was scheduled; harmless where nothing was."""
    draft = queries.draft(session, lesson_id, lock=True)
    session.execute(delete(PublicationOrder).where(PublicationOrder.lesson_id == lesson_id))
    if draft is not None and draft.publish_at is not None:
        draft.publish_at = None
        journal.record(session, user, "unschedule", get_lesson(session, lesson_id).slug)


def publish_due(moment: datetime | None = None) -> int:
    """Publish every draft whose time has come; how many. Called by the worker's sweep.

    Each lesson has a transaction of its own. One that cannot be published is no longer scheduled, and its editor says why.
    """
    moment = moment or now()
    with session_scope(writes=False) as session:
        due = list(queries.due_lessons(session, moment))
    return sum(_publish_one_due(lesson_id, moment) for lesson_id in due)


def _publish_one_due(lesson_id: UUID, moment: datetime) -> bool:
    with session_scope() as session:
        draft = queries.draft(session, lesson_id, lock=True)
        if draft is None or draft.publish_at is None or draft.publish_at > moment:
            return False  # another worker was quicker, or somebody called it off
        order = session.get(PublicationOrder, lesson_id)
        user = session.get(User, order.ordered_by_id) if order and order.ordered_by_id else None
        try:
            if user is None or user.disabled_at or user.role not in {Role.LECTURER, Role.ADMIN}:
                raise NotPublishable(["who scheduled it may no longer publish"])
            with session.begin_nested():
                publish(session, user, lesson_id)
            return True
        except Conflict as error:
            faults = error.faults if isinstance(error, NotPublishable) else [str(error)]
        draft = queries.draft(session, lesson_id, lock=True)
        draft.publish_at = None
        session.merge(
            PublicationOrder(
                lesson_id=lesson_id, ordered_by_id=user.id if user else None, ordered_at=moment, faults=faults
            )
        )
        log.warning("not published as scheduled", lesson=str(lesson_id), faults=faults)
        return False


def _revision(session: Session, user: User, lesson: Lesson, text: LessonText) -> LessonRevision:
    if not text.is_changed:
        return text.base
    return new_revision(
        session, lesson.course, lesson, text.sources, text.pictures, origin=Origin.EDITOR, author_id=user.id
    )


def _close_draft(session: Session, lesson_id: UUID) -> None:
    for table in (LessonDraft, PublicationOrder, ReplacedDraft):
        session.execute(delete(table).where(table.lesson_id == lesson_id))
