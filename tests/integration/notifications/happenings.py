"""Events that readers are notified of."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.models import Role, User
from app.authoring.events import PublicationFailed
from app.board import following, marks, states
from app.board import service as board
from app.board.models import Comment
from app.board.own import editing
from app.checkins import service as checkins
from app.checkins.models import CheckIn
from app.classes.events import ClassAnnounced
from app.classes.models import Announcement, Class
from app.core import db, events
from app.core.clock import now
from app.courses.models import Lesson
from app.jobs.events import JobEnded
from app.jobs.models import JobState
from app.moderation import service as moderation
from app.moderation.service import Decision
from app.notifications.cleanup import AFTER_MIDNIGHT, tell_of_reviews
from app.notifications.models import Kind
from app.reviews.models import ReviewCard
from tests.factories import make_job
from tests.integration.people import decide, like, say


def take_like_back(user: User, comment: Comment) -> None:
    with db.session_scope() as session:
        board.unlike(session, session.get_one(User, user.id), comment.id)


def make_check_in(user: User) -> UUID:
    with db.session_scope() as session:
        check_in = CheckIn(
            user_id=user.id,
            local_date=now().date(),
            zone="Asia/Shanghai",
            kind="real",
            source="button",
            note="learnt",
        )
        session.add(check_in)
        session.flush()
        return check_in.id


def cheer(user: User, check_in_id: UUID, *, on: bool = True) -> None:
    act = checkins.cheer if on else checkins.withdraw_cheer
    with db.session_scope() as session:
        act(session, session.get_one(User, user.id), check_in_id)


def feature(staff: User, comment: Comment, *, on: bool = True) -> None:
    with db.session_scope() as session:
        marks.feature(session, session.get_one(User, staff.id), session.get_one(Comment, comment.id), on)


def change(author: User, comment: Comment, body: str) -> None:
    with db.session_scope() as session:
        editing.edit(session, session.get_one(User, author.id), comment.id, body)


def delete(user: User, comment: Comment) -> None:
    with db.session_scope() as session:
        states.delete(session, session.get_one(User, user.id), comment.id)


def due_question() -> tuple[UUID, str]:
    """A lesson and the key of a question in it."""
    with db.session_scope(writes=False) as session:
        lessons = session.scalars(select(Lesson).options(joinedload(Lesson.published)))
        return next(
            (lesson.id, lesson.published.question_keys[0])
            for lesson in lessons
            if lesson.published.question_keys
        )


def due_card(user: User, lesson: UUID, key: str = "q1", due_at: datetime | None = None) -> UUID:
    with db.session_scope() as session:
        card = ReviewCard(
            user_id=user.id,
            lesson_id=lesson,
            question_key=key,
            due_at=due_at or now() - AFTER_MIDNIGHT,
            rating=3,
            memory={},
            memory_before={},
        )
        session.add(card)
        session.flush()
        return card.id


def _end_a_training(reader: User) -> None:
    with db.session_scope() as session:
        events.send(session, JobEnded(job=make_job(session, reader, state=JobState.SUCCEEDED)))


def _let_a_card_come_due(reader: User) -> None:
    due_card(reader, *due_question())
    tell_of_reviews()


def _reply_in_followed(reader: User, other: User, author: User) -> None:
    topic = say(author)
    with db.session_scope() as session:
        following.choose(
            session, session.get_one(User, reader.id), session.get_one(Comment, topic.id), "follow"
        )
    say(other, to=topic)


def _report_to(reader: User, other: User, author: User) -> None:
    """The reader becomes a lecturer, who is notified of reports."""
    with db.session_scope() as session:
        session.get_one(User, reader.id).role = Role.LECTURER
    comment = say(author)
    with db.session_scope() as session:
        moderation.report(session, session.get_one(User, other.id), comment.id, "spam", "")


def _miss_a_publication(reader: User) -> None:
    with db.session_scope() as session:
        lesson = session.scalars(select(Lesson)).first()
        events.send(session, PublicationFailed(lesson=lesson, user_id=reader.id, faults=["a fault"]))


def _announce_in_class(reader: User, lecturer: User) -> None:
    with db.session_scope() as session:
        lesson = session.scalars(select(Lesson)).first()
        found = Class(
            course_id=lesson.course_id, title="Monday", starts_on=now().date(), ends_on=now().date()
        )
        session.add(found)
        session.flush()
        said = Announcement(class_id=found.id, author_id=lecturer.id, text="Bring your laptops.")
        session.add(said)
        session.flush()
        events.send(session, ClassAnnounced(found, said, [reader.id]))


# (reader, another student, a lecturer): an event for each kind of notification. "review" and "publication" need a course.
HAPPENINGS: dict[Kind, Callable[[User, User, User], object]] = {
    Kind.REPLY: lambda reader, other, _lecturer: say(other, to=say(reader)),
    Kind.MENTION: lambda reader, other, _lecturer: say(other, f"thank you @[x](user:{reader.id}) for it"),
    Kind.ANSWER: lambda reader, _other, lecturer: say(lecturer, to=say(reader)),
    Kind.FOLLOWED: _reply_in_followed,
    Kind.FEATURED: lambda reader, _other, lecturer: feature(lecturer, say(reader)),
    Kind.LIKE: lambda reader, other, _lecturer: like(other, say(reader)),
    Kind.CHEER: lambda reader, other, _lecturer: cheer(other, make_check_in(reader)),
    Kind.JOB: lambda reader, _other, _lecturer: _end_a_training(reader),
    Kind.REVIEW: lambda reader, _other, _lecturer: _let_a_card_come_due(reader),
    Kind.TO_MODERATE: _report_to,
    Kind.PUBLICATION: lambda reader, _other, _lecturer: _miss_a_publication(reader),
    Kind.CLASS: lambda reader, _other, lecturer: _announce_in_class(reader, lecturer),
    Kind.MODERATION: lambda reader, _other, lecturer: decide(lecturer, say(reader), Decision.REJECT, "spam"),
}
