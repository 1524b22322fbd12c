"""The journal: every use of a lecturer's or admin's rights, and by whom. Written in the same transaction."""

from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session
from structlog import get_logger

from app.accounts.models import User
from app.core.db import after_commit
from app.core.i18n import N_
from app.journal.models import Act

log = get_logger()

# The act, as the journal words it before its subject.
KINDS = {
    "role": N_("changed the role of"),
    "suspension": N_("suspended the account of"),
    "reinstatement": N_("reinstated the account of"),
    "reset-link": N_("made a password link for"),
    "signing-out": N_("ended sign-ins of"),
    "cancellation": N_("cancelled the training job of"),
    "pause": N_("paused"),
    "resumption": N_("resumed"),
    "requeuing": N_("sent back to the queue the training job of"),
    "cleaning": N_("deleted old files of trainings:"),
    "import": N_("imported the column"),
    "new-course": N_("created the course"),
    "course-state": N_("showed, archived or hid the course"),
    "new-lesson": N_("started the lesson"),
    "new-module": N_("added the module"),
    "removal": N_("removed"),
    "renaming": N_("renamed"),
    "order": N_("moved"),
    "publication": N_("published the lesson"),
    "unpublication": N_("unpublished the lesson"),
    "schedule": N_("scheduled the lesson"),
    "unschedule": N_("cancelled the scheduled publication of"),
    "new-class": N_("opened the class"),
    "class-removal": N_("removed from a class"),
    "class-role": N_("changed the class role of"),
    "restoration": N_("restored an older version of"),
}


def record(session: Session, actor: User | None, kind: str, subject: str | User, **details: Any) -> None:
    """Record that `actor` (None: Sophora itself) did `kind`, one of KINDS, to `subject`. Values must be JSON-serialisable."""
    if kind not in KINDS:
        raise ValueError(f"expected one of {sorted(KINDS)}, got {kind!r}")
    name = actor.name if actor else "Sophora"
    person = subject if isinstance(subject, User) else None
    called = subject.name if isinstance(subject, User) else subject
    session.add(
        Act(
            actor_id=actor.id if actor else None,
            actor_name=name,
            kind=kind,
            subject=called[:200],
            subject_id=person.id if person else None,
            details=details,
        )
    )
    after_commit(session, lambda: log.info("act", actor=name, kind=kind, subject=called, **details))


def forget_subject(session: Session, user_id: UUID) -> None:
    """When an account is deleted: acts on it stay in the journal, without any of its names."""
    about = update(Act).where(Act.subject_id == user_id)
    session.execute(about.values(subject="").execution_options(synchronize_session=False))
