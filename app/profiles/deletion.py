"""Deleting an account. Its owner's comments, trainings and notes go; what others wrote stays readable. Nothing here commits."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Executable, delete, func, select, update
from sqlalchemy.orm import Session
from structlog import get_logger

from app.accounts.models import User
from app.accounts.proofs import Proof
from app.admin.queries import admins_locked
from app.board import counters
from app.board.events import CommentsEmptied
from app.board.models import Comment, CommentEdit, CommentLike, CommentReport, CommentState, Rank, Thread
from app.board.orphans import leave_behind
from app.board.queries import lock_author
from app.checkins.models import CheckIn
from app.core import events, storage
from app.core.clock import now
from app.core.db import after_commit
from app.core.errors import FilesAway, Invalid
from app.core.i18n import gettext as _
from app.jobs.models import JobState
from app.jobs.service import request_cancellation
from app.journal.journal import forget_subject
from app.notifications.service import forget_actor
from app.profiles import queries
from app.profiles.service import check_password

log = get_logger()

# An ordinary deletion can be undone for 30 days; this one is backdated, as there is nothing to restore.
BEYOND_UNDO = timedelta(days=31)


def delete_account(session: Session, user: User, proof: Proof) -> None:
    """Delete everything, sessions included. Raises Invalid for a wrong password, the last admin, and while a training runs."""
    # In the common lock order: two admins who leave at once would otherwise deadlock.
    admins = [admin.id for admin in admins_locked(session)]
    check_password(session, user, proof, "deletion_password")
    if admins == [user.id]:
        raise Invalid({"deletion_password": _("You are the only admin. Give somebody else the role first.")})
    # A comment being posted is stored before and deleted with the others, or refused after.
    lock_author(session, user.id)
    queries.lock_comments(session, user.id)
    _stop_trainings(session, user)
    jobs = queries.job_ids(session, user.id)
    forget_actor(session, user.id)
    forget_subject(session, user.id)
    _take_back_likes(session, user.id)
    _empty_comments(session, user.id)
    _leave_discussions(session, user.id, jobs)
    counters.touch_all(session)
    # What belongs to the account alone is deleted by the tables' cascades.
    session.execute(delete(User).where(User.id == user.id).execution_options(synchronize_session=False))
    session.expunge(user)
    after_commit(session, lambda: _remove_files(jobs))
    log.info("account deleted", user=str(user.id))


def _stop_trainings(session: Session, user: User) -> None:
    """A worker that is still training, or about to, would leave files behind."""
    active = queries.active_jobs_locked(session, user.id)
    for job in active:
        request_cancellation(session, user, job.id)
    if any(job.state == JobState.RUNNING for job in active):
        raise Invalid(
            {
                "deletion_password": _(
                    "Your training is still running. It is being cancelled now; please try again in a moment."
                )
            }
        )


def _take_back_likes(session: Session, user_id: UUID) -> None:
    liked = select(CommentLike.comment_id).where(CommentLike.user_id == user_id)
    _run(session, update(Comment).where(Comment.id.in_(liked)).values(likes=Comment.likes - 1))


def _empty_comments(session: Session, user_id: UUID) -> None:
    """Nothing stays but the row that others' replies hang on."""
    own = select(Comment.id).where(Comment.author_id == user_id)
    _count_down(session, user_id)
    _run(session, delete(CommentEdit).where(CommentEdit.comment_id.in_(own)))
    _run(session, delete(CommentLike).where(CommentLike.comment_id.in_(own)))
    open_reports = CommentReport.resolved_at.is_(None)
    _run(
        session,
        update(CommentReport)
        .where(CommentReport.comment_id.in_(own), open_reports)
        .values(resolved_at=now()),
    )
    emptied = {
        "state": CommentState.DELETED,
        "state_before": None,
        "deleted_at": now() - BEYOND_UNDO,
        "body": "",
        "html": "",
        "author_id": None,
        "request_key": None,
        "likes": 0,
        "rank": Rank.PLAIN,
        "is_featured": False,
        "is_pinned": False,
    }
    events.send(session, CommentsEmptied(own))
    _run(session, update(Comment).where(Comment.author_id == user_id).values(emptied))


def _count_down(session: Session, user_id: UUID) -> None:
    """The denormalised counts: visible comments of a thread, visible replies of a comment."""
    gone = Comment.__table__.alias("gone")
    is_gone = (gone.c.author_id == user_id, gone.c.state == CommentState.VISIBLE)
    in_thread = select(func.count()).where(gone.c.thread_id == Thread.id, *is_gone).scalar_subquery()
    threads = select(gone.c.thread_id).where(*is_gone)
    _run(
        session,
        update(Thread).where(Thread.id.in_(threads)).values(comment_count=Thread.comment_count - in_thread),
    )
    below = select(func.count()).where(gone.c.parent_id == Comment.id, *is_gone).scalar_subquery()
    parents = select(gone.c.parent_id).where(*is_gone, gone.c.parent_id.is_not(None))
    _run(session, update(Comment).where(Comment.id.in_(parents)).values(replies=Comment.replies - below))


def _leave_discussions(session: Session, user_id: UUID, jobs: Sequence[UUID]) -> None:
    """Others' comments below the deleted trainings and check-ins."""
    check_ins = session.scalars(select(CheckIn.id).where(CheckIn.user_id == user_id))
    leave_behind(session, [f"job:{identity}" for identity in jobs])
    leave_behind(session, [f"check-in:{identity}" for identity in check_ins])


def _remove_files(jobs: Sequence[UUID]) -> None:
    """The account is deleted by now, and its owner is told so, whatever happens to the files."""
    for job_id in jobs:
        try:
            storage.delete_below(f"jobs/{job_id}/")
        except FilesAway:  # each further try would take as long
            log.exception("files of a deleted account not removed", jobs=[str(job) for job in jobs])
            return
        except Exception:  # from whichever store it is
            log.exception("files of a deleted account not removed", prefix=f"jobs/{job_id}/")


def _run(session: Session, statement: Executable) -> None:
    session.execute(statement.execution_options(synchronize_session=False))
