"""Events that reviews listen to, and slots they fill."""

from uuid import UUID

from fastapi import Request
from markupsafe import Markup
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.checkins.calendars import Calendar
from app.checkins.events import ZoneChosen
from app.core.clock import now
from app.core.events import on
from app.quizzes.events import QuestionAnswered
from app.reviews import queries, service
from app.web import slots
from app.web.templating import environment


@on(QuestionAnswered)
def make_card(session: Session, *, user_id: UUID, lesson_id: UUID, question_key: str, score: float) -> None:
    service.make_card(session, user_id, lesson_id, question_key, score)


@on(ZoneChosen)
def move_cards(session: Session, *, user_id: UUID, before: Calendar, after: Calendar) -> None:
    service.move_cards(session, user_id, before, after)


@slots.today.provide
def cards_to_review(
    _request: Request, session: Session, _subject: object, user: User | None
) -> Markup | None:
    """ "7 cards to review", if there are any."""
    due = queries.count_due(session, user.id, now()) if user else 0
    return Markup(environment().get_template("reviews/_today.html").render(due=due)) if due else None
