"""The journal: every use of a lecturer's or an admin's rights, with who used them. Written in the same transaction."""

from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session
from structlog import get_logger

from app.accounts.models import User
from app.core.db import after_commit
from app.core.i18n import N_
from app.journal.models import Act

log = get_logger()

# What was done, as it is read in the journal before its subject.
KINDS = {
    "role": N_("changed the role of"),
    "suspension": N_("suspended"),
    "reinstatement": N_("reinstated"),
    "cancellation": N_("cancelled the training of"),
    "import": N_("brought in the column"),
    "new-course": N_("made the course"),
    "course-state": N_("showed, archived or hid the course"),
    "new-lesson": N_("began the lesson"),
    "new-module": N_("added the module"),
    "removal": N_("removed"),
    "renaming": N_("renamed"),
    "order": N_("changed the place of"),
    "publication": N_("published"),
    "unpublication": N_("unpublished"),
    "schedule": N_("scheduled"),
    "unschedule": N_("called off the publication of"),
    "restoration": N_("restored an older text of"),
}


# Those whose subject is a person, by name.
ABOUT_PEOPLE = ("role", "suspension", "reinstatement", "cancellation")


def record(session: Session, actor: User | None, kind: str, subject: str, **details: Any) -> None:
    """Note that `actor` (None: Sophora by itself) did `kind`, one of KINDS, to `subject`. Values must fit in JSON."""
    if kind not in KINDS:
        raise ValueError(f"expected one of {sorted(KINDS)}, got {kind!r}")
    name = actor.name if actor else "Sophora"
    session.add(
        Act(
            actor_id=actor.id if actor else None,
            actor_name=name,
            kind=kind,
            subject=subject[:200],
            details=details,
        )
    )
    after_commit(session, lambda: log.info("act", actor=name, kind=kind, subject=subject, **details))


def forget_subject(session: Session, name: str) -> None:
    """Somebody's account goes: what was done with it stays in the journal, without the name. No two accounts have the same."""
    about = update(Act).where(Act.kind.in_(ABOUT_PEOPLE), Act.subject == name)
    session.execute(about.values(subject="").execution_options(synchronize_session=False))
