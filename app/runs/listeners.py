"""Events that runs listen to, and slots they fill."""

from uuid import UUID

from fastapi import Request
from markupsafe import Markup
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.classes.events import MembershipChanged
from app.core.events import on
from app.jobs.continuing.presenters import continuation
from app.jobs.events import JobEnded
from app.jobs.models import Job
from app.runs.consent import count_in_classes, count_run
from app.web import slots
from app.web.templating import environment


@on(JobEnded)
def add_to_curve(session: Session, *, job: Job) -> None:
    count_run(session, job)


@on(MembershipChanged)
def count_for_classmates(session: Session, *, user_id: UUID) -> None:
    count_in_classes(session, user_id)


@slots.beside_job.provide
def _acts_on_run(_request: Request, session: Session, job: Job, user: User | None) -> Markup | None:
    is_own = user is not None and job.user_id == user.id
    parts = {"job": job, "is_own": is_own, "continuation": continuation(session, job) if is_own else None}
    return Markup(environment().get_template("runs/_beside_job.html").render(parts))
