"""What an admin does with people and trainings. Nothing here commits; every act is journalled."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts import resets
from app.accounts import service as accounts
from app.accounts.models import Role, User
from app.accounts.queries import is_account_open
from app.admin import queries
from app.board import counters
from app.core.config import get_settings
from app.core.errors import Conflict, Forbidden, NotFound
from app.core.i18n import N_
from app.jobs.models import Job
from app.jobs.service import cancel
from app.journal import journal


def change_role(session: Session, admin: User, user_id: UUID, role: Role) -> User:
    """Raises Conflict for the admin's own account: nobody can lock themselves out."""
    person = _other_person(session, admin, user_id)
    if person.role != role:
        journal.record(session, admin, "role", person, before=person.role, after=role.value)
        person.role = role
        # Staff are shown by name.
        counters.touch_all(session)
    return person


def suspend(session: Session, admin: User, user_id: UUID, reason: str, days: int | None = None) -> User:
    """Suspend an account, for this many days or until it is reopened, and end its sessions; its data stays.

    Raises Conflict for the admin's own.
    """
    person = _other_person(session, admin, user_id)
    if is_account_open(session, person.id):
        accounts.disable(session, person, reason, days)
        # The reason is for the suspended user, not for the journal, which outlives the account.
        journal.record(session, admin, "suspension", person, **({"days": days} if days else {}))
    return person


def reinstate(session: Session, admin: User, user_id: UUID) -> User:
    person = _person(session, user_id)
    if person.disabled_at is not None:
        accounts.enable(person)
        journal.record(session, admin, "reinstatement", person)
    return person


def make_reset_link(session: Session, admin: User, user_id: UUID) -> tuple[User, str]:
    """The user and the address of a reset link, shown once and stored nowhere. Raises Conflict for the admin's own account."""
    person = _other_person(session, admin, user_id)
    token = resets.make_link(session, person.id, resets.ADMIN)
    journal.record(session, admin, "reset-link", person)
    return person, f"{get_settings().public_url.rstrip('/')}/password-resets/{token}"


def end_sign_ins(session: Session, admin: User, user_id: UUID, handle: str | None = None) -> User:
    """End the sign-in with this handle, or all. Raises Conflict for the admin's own account."""
    person = _other_person(session, admin, user_id)
    if handle is None:
        ended = accounts.close_all_sessions(session, person)
    else:
        ended = accounts.close_sign_in(session, person, handle)
    if ended:
        journal.record(session, admin, "signing-out", person, number=ended)
    return person


def cancel_job(session: Session, admin: User, job_id: UUID) -> Job:
    """Cancel any user's training. Raises Conflict if it has ended."""
    job = session.get(Job, job_id)
    if job is None:
        raise NotFound(N_("There is no such training job."))
    owner = _person(session, job.user_id) if job.user_id else "a visitor"
    cancel(session, job)
    journal.record(session, admin, "cancellation", owner, job=str(job_id), recipe=job.recipe)
    return job


def _person(session: Session, user_id: UUID) -> User:
    """The user with the row locked, so that an act is done and journalled once."""
    person = session.get(User, user_id, with_for_update={"key_share": True})
    if person is None:
        raise NotFound(N_("There is no such person."))
    return person


def _other_person(session: Session, admin: User, user_id: UUID) -> User:
    """A user other than the admin. Raises if the admin has just lost that role to another admin."""
    if user_id == admin.id:
        raise Conflict(
            N_("This is your own account. Another admin has to do that, so that nobody locks themselves out.")
        )
    if admin.id not in {other.id for other in queries.admins_locked(session)}:
        raise Forbidden
    return _person(session, user_id)
