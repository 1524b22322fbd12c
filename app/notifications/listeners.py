"""Which events notify whom."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from fastapi import Request
from markupsafe import Markup
from sqlalchemy import Uuid, bindparam, select
from sqlalchemy.orm import Session

from app.accounts.events import PasswordChanged, PasswordLost
from app.accounts.models import STAFF, Role, User
from app.authoring.events import PublicationFailed
from app.board.events import (
    CommentEdited,
    CommentFeatured,
    CommentLiked,
    CommentModerated,
    CommentShown,
    CommentWaits,
)
from app.board.following import followers
from app.board.models import Comment, Thread
from app.board.places import ThreadHost
from app.board.text.mentions import mentioned_in
from app.checkins.events import Cheered
from app.checkins.models import CheckIn
from app.classes.events import AnnouncementTakenDown, ClassAnnounced, PeopleInvited
from app.classes.models import Announcement, Class
from app.core.events import on
from app.core.permissions import Permission
from app.courses.models import Lesson
from app.jobs.events import JobDeleted, JobEnded, SweepEnded
from app.jobs.models import Job, JobState, Sweep
from app.moderation.lists import count_waiting
from app.notifications import presenters, queries, service
from app.notifications.models import LONGEST_KEY, AboutAccount, AccountMail, Kind, Notification
from app.notifications.service import note_read, notify, notify_all, take_back
from app.quizzes.events import ReviewDone
from app.web import slots
from app.web.templating import environment

# More than this in one comment is a nuisance.
MENTIONS_TOLD = 20
# The key of each moderator's single row.
TO_MODERATE = "to-moderate"

_THREAD = select(Thread.__table__.c.key, Thread.__table__.c.job_id).where(
    Thread.__table__.c.id == bindparam("thread", type_=Uuid())
)


@slots.news.provide
def _newest_answer(_request: Request, session: Session, _subject: object, user: User | None) -> Markup | None:
    entry = presenters.newest_answer(session, user) if user else None
    template = environment().get_template("notifications/_newest_answer.html")
    return Markup(template.render(entry=entry)) if entry else None


@on(CommentShown)
def tell_of_comment(session: Session, *, comment: Comment, place: ThreadHost | None = None) -> None:
    """The author it answers, then the users it mentions: each is notified once per comment."""
    if comment.author_id is None:  # an imported one
        return
    subject: dict[str, Any] = {"actor_id": comment.author_id, "comment_id": comment.id}
    following, muting = followers(session, comment.parent_id) if comment.parent_id else (set(), set())
    answered = _answered(session, comment, place)
    if answered and answered not in muting:
        author = session.get(User, comment.author_id)
        kind = Kind.ANSWER if author and author.may(Permission.ANSWER) else Kind.REPLY
        notify(session, answered, kind, f"talk:{comment.id}", **subject)
    mentioned = set(mentioned_in(comment.html)[:MENTIONS_TOLD]) - {answered} - muting
    _tell_mentioned(session, comment, mentioned)
    notify_all(
        session,
        following - mentioned - {answered},
        Kind.FOLLOWED,
        f"talk:{comment.id}",
        comment.author_id,
        comment.id,
    )


@on(CommentEdited)
def tell_of_added_mentions(session: Session, *, comment: Comment, before: str) -> None:
    """Users mentioned before were already notified. Edits cannot notify more people than a new comment could."""
    known = {*mentioned_in(before), _answered(session, comment)}
    added = [user_id for user_id in mentioned_in(comment.html) if user_id not in known]
    if added and comment.author_id:
        room = MENTIONS_TOLD - queries.count_told(session, comment.id, Kind.MENTION)
        _tell_mentioned(session, comment, set(added[: max(0, room)]))


def _tell_mentioned(session: Session, comment: Comment, user_ids: set[UUID]) -> None:
    for user_id in sorted(user_ids):
        key = f"talk:{comment.id}"
        notify(session, user_id, Kind.MENTION, key, actor_id=comment.author_id, comment_id=comment.id)


def _answered(session: Session, comment: Comment, place: ThreadHost | None = None) -> UUID | None:
    """The author it answers; for a top-level comment, the owner of the training or check-in."""
    above = comment.reply_to_id or comment.parent_id
    if above:
        return session.scalar(select(Comment.author_id).where(Comment.id == above))
    if place:
        return place.owner_id
    thread = session.connection().execute(_THREAD, {"thread": comment.thread_id}).one()
    if thread.job_id:
        return session.scalar(select(Job.user_id).where(Job.id == thread.job_id))
    kind, _, identity = thread.key.partition(":")
    if kind == "check-in":
        return session.scalar(select(CheckIn.user_id).where(CheckIn.id == UUID(identity)))
    return None


@on(CommentFeatured)
def tell_of_featuring(session: Session, *, comment: Comment, by_id: UUID) -> None:
    key = f"featured:{comment.id}"
    notify(session, comment.author_id, Kind.FEATURED, key, actor_id=by_id, comment_id=comment.id)


@on(CommentLiked)
def tell_of_like(session: Session, *, comment: Comment, by_id: UUID, on: bool = True) -> None:
    """`on` False: the like is withdrawn."""
    key = f"like:{comment.id}"
    if on:
        notify(session, comment.author_id, Kind.LIKE, key, actor_id=by_id, comment_id=comment.id)
    else:
        take_back(session, comment.author_id, key, by_id)


@on(CommentModerated)
def tell_of_decision(session: Session, *, comment: Comment, act: str, reason: str) -> None:
    """The author is notified of each decision, with its reason, but not who made it."""
    key = f"moderation:{uuid4()}"
    details = {"act": act, "reason": reason}
    notify(session, comment.author_id, Kind.MODERATION, key, details=details, comment_id=comment.id)


@on(CommentWaits)
def tell_moderators(session: Session, *, comment: Comment, is_new: bool) -> None:
    """All moderators, with the length of the queue; marked as read once the queue is empty."""
    staff = queries.staff_ids(session, *STAFF)
    waiting = count_waiting(session)
    service.say_anew(session, Kind.TO_MODERATE, {"count": waiting})
    for user_id in staff:
        if is_new:
            notify(
                session,
                user_id,
                Kind.TO_MODERATE,
                TO_MODERATE,
                actor_id=comment.author_id,
                details={"count": waiting},
            )
        elif not waiting:
            note_read(session, user_id, Notification.kind == Kind.TO_MODERATE)


@on(PublicationFailed)
def tell_of_failed_publication(
    session: Session, *, lesson: Lesson, user_id: UUID | None, faults: Sequence[str]
) -> None:
    """The user who scheduled it, and the admins."""
    details = {"lesson": str(lesson.id), "title": lesson.slug, "reason": next(iter(faults), "")}
    key = f"publication:{uuid4()}"
    for told in sorted({*queries.staff_ids(session, Role.ADMIN), *filter(None, [user_id])}):
        notify(session, told, Kind.PUBLICATION, key, details=details)


# Of an announcement, in its notice; the class's page has all of it.
QUOTED = 200


@on(ClassAnnounced)
def tell_class(
    session: Session, *, course_class: Class, announcement: Announcement, members: Sequence[UUID]
) -> None:
    words = " ".join(announcement.text.split())
    text = words if len(words) <= QUOTED else words[:QUOTED] + "…"
    details = {"class": str(course_class.id), "title": course_class.title, "text": text}
    key = f"class:{announcement.id}"
    notify_all(
        session, set(members), Kind.CLASS, key, announcement.author_id, details=details, most=len(members)
    )


@on(AnnouncementTakenDown)
def forget_announcement(session: Session, *, announcement_id: UUID, user_ids: Sequence[UUID]) -> None:
    service.forget(session, user_ids, f"class:{announcement_id}")


@on(PeopleInvited)
def tell_invited(session: Session, *, course_class: Class, by_id: UUID, user_ids: Sequence[UUID]) -> None:
    """Once for each class, however often it invites."""
    details = {"class": str(course_class.id), "title": course_class.title, "act": "invited"}
    key = f"invitation:{course_class.id}"
    notify_all(session, set(user_ids), Kind.CLASS, key, by_id, details=details, most=len(user_ids))


@on(PasswordLost)
def note_lost_password(session: Session, *, name_key: str) -> None:
    """Also for names without an account: nothing distinguishes them before the mail is sent."""
    session.add(AccountMail(kind=AboutAccount.RESET, name_key=name_key[:LONGEST_KEY]))


@on(PasswordChanged)
def tell_of_changed_password(session: Session, *, user_id: UUID) -> None:
    session.add(AccountMail(kind=AboutAccount.CHANGED, user_id=user_id))


@on(Cheered)
def tell_of_cheer(session: Session, *, check_in: CheckIn, by_id: UUID, on: bool = True) -> None:
    """`on` False: the cheer is withdrawn."""
    key = f"cheer:{check_in.id}"
    if on:
        notify(session, check_in.user_id, Kind.CHEER, key, actor_id=by_id, check_in_id=check_in.id)
    else:
        take_back(session, check_in.user_id, key, by_id)


@on(ReviewDone)
def note_review(session: Session, *, user_id: UUID) -> None:
    """After a review the reminder is obsolete."""
    note_read(session, user_id, Notification.kind == Kind.REVIEW)


@on(JobEnded)
def tell_of_job(session: Session, *, job: Job) -> None:
    """Not for a job that its owner cancelled, nor for a visitor's: visitors have no notifications. A sweep is told of as a whole."""
    if job.user_id and job.sweep_id is None and job.state in {JobState.SUCCEEDED, JobState.FAILED}:
        notify(session, job.user_id, Kind.JOB, f"job:{job.id}", job_id=job.id)


@on(SweepEnded)
def tell_of_sweep(
    session: Session, *, sweep: Sweep, last: Job, best: Job | None, details: Mapping[str, Any]
) -> None:
    """Once, when all of its trainings have ended."""
    job = best or last
    notify(session, sweep.user_id, Kind.JOB, f"sweep:{sweep.id}", details=details, job_id=job.id)


@on(JobDeleted)
def note_deleted_job(session: Session, *, job: Job) -> None:
    """The notification goes with it, and is not counted as unread any more."""
    if job.user_id:
        note_read(session, job.user_id, Notification.job_id == job.id)
