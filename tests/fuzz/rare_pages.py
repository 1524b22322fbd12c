"""Pages that exist only after something has happened: a draft, an upload, a link in a mail. An example of each, for `tests.pages`.

A key `/pattern/{name}#name` stands for that parameter in that one route.
"""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts import resets
from app.accounts.models import User
from app.authoring import drafts
from app.columns import upload
from app.core import db
from app.core.clock import now
from app.courses.models import Lesson
from app.jobs.models import Job
from app.notifications import addresses
from app.reviews.models import ReviewCard
from app.runs import links
from tests.factories import make_job

DRAFTED, ASKED = "02-tensors", "accuracy"
COLUMN = "<h1>01 | 深度学习是什么</h1><p>先看一个例子。</p><p>再看一个。</p>"


def rare_scene(users: Mapping[str, UUID]) -> dict[str, str]:
    """In the database of the settings, which has the bundled course."""
    with db.session_scope() as session:
        lecturer, admin, student = (
            session.get_one(User, users[name]) for name in ("lecturer", "admin", "student")
        )
        return {
            "/authoring/lessons/{lesson_id}/differences#lesson_id": _draft(session, lecturer),
            "/authoring/lessons/{lesson_id}/{part}s/{key}#key": ASKED,
            "/courses/{course}/lessons/{slug}/labs/{key}/curve#key": "first-job",
            "/jobs/{job_id}/continuation#job_id": _continuable(session, student),
            "/shared/{token}#token": _link(session, student),
            "/review/cards/{card_id}#card_id": _card(session, student),
            "/password-resets/{token}#token": resets.make_link(session, student.id, resets.ADMIN),
            "/admin/import/{token}#token": upload.keep(
                admin, [upload.UploadedFile("01.html", COLUMN.encode())]
            ).token,
            **_mails(session, student),
        }


def _draft(session: Session, lecturer: User) -> str:
    lesson = session.scalars(select(Lesson).where(Lesson.slug == DRAFTED)).one()
    text = drafts.lesson_text(session, lesson.id)
    changed = text.sources["en.md"] + "\n\nOne more sentence, not yet published.\n"
    drafts.save_texts(session, lecturer, lesson.id, text.version, {"en.md": changed})
    return str(lesson.id)


def _continuable(session: Session, student: User) -> str:
    report = {"outcome": "completed", "metrics": {}}
    ended = {"state": "succeeded", "attempt": 1, "started_at": now(), "finished_at": now()}
    return str(make_job(session, student, report=report, archived_at=now(), **ended).id)


def _link(session: Session, student: User) -> str:
    job = session.scalars(select(Job).where(Job.user_id == student.id, Job.archived_at.is_(None))).first()
    assert job is not None
    return links.make_link(session, student, job.id)


def _card(session: Session, student: User) -> str:
    card = session.scalars(select(ReviewCard).where(ReviewCard.user_id == student.id)).one()
    session.execute(update(ReviewCard).where(ReviewCard.id == card.id).values(question_key=ASKED))
    return str(card.id)


def _mails(session: Session, student: User) -> dict[str, str]:
    mail = addresses.set_address(session, student, "student@example.org")
    session.flush()
    return {
        "/mail-confirmations/{token}#token": addresses.confirmation_token(mail),
        "/unsubscriptions/{token}#token": addresses.unsubscription_token(mail),
    }
