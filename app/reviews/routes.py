from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from app.accounts.dependencies import CurrentUser, user_rate_limit
from app.core.errors import Invalid
from app.quizzes.forms import read_answer
from app.reviews import presenters, service
from app.web.dependencies import Db
from app.web.fields import PageNumber
from app.web.forms import posted_fields
from app.web.fragments import is_fragment
from app.web.templating import render

router = APIRouter(prefix="/review")

Fields = Annotated[dict[str, str], Depends(posted_fields)]
answer_limit = [Depends(user_rate_limit("answer", "120/minute"))]
rating_limit = [Depends(user_rate_limit("rating", "120/minute"))]


@router.get("")
def review_page(request: Request, session: Db, user: CurrentUser) -> Response:
    return render(request, "reviews/page.html", page=presenters.review_page(session, user))


@router.get("/cards/{card_id}")
def card_page(
    request: Request, session: Db, user: CurrentUser, card_id: UUID, number: PageNumber = 1
) -> Response:
    """An answered card with its explanation: the redirect target without JavaScript. If due, its question."""
    card, lesson = service.get_card(session, user, card_id)
    place = presenters.card_place(session, user, card, lesson, number=number)
    return render(request, "reviews/card.html", place=place)


@router.post("/cards/{card_id}/answers", dependencies=answer_limit)
def answer_card(
    request: Request, session: Db, user: CurrentUser, card_id: UUID, fields: Fields, number: PageNumber = 1
) -> Response:
    card, lesson = service.get_card(session, user, card_id)
    refused, status = None, 200
    try:
        answer = read_answer(service.asked(session, user, card, lesson), fields)
        service.answer_card(session, user, card, lesson, answer)
    except Invalid as error:
        refused, status = (error.fields["answer"], fields), error.status
    is_part = is_fragment(request)
    if not is_part and not refused:
        return RedirectResponse(f"/review/cards/{card_id}?number={number}", status_code=303)
    place = presenters.card_place(session, user, card, lesson, number=number, refused=refused)
    name = "reviews/_answered.html" if is_part else "reviews/card.html"
    return render(request, name, place=place, status=status)


@router.post("/cards/{card_id}/rating", dependencies=rating_limit)
def mend_rating(request: Request, session: Db, user: CurrentUser, card_id: UUID, fields: Fields) -> Response:
    service.mend_rating(session, user, card_id, fields.get("rating", ""))
    if not is_fragment(request):
        return RedirectResponse(f"/review/cards/{card_id}", status_code=303)
    card, lesson = service.get_card(session, user, card_id)
    return render(request, "reviews/_rating.html", place=presenters.card_place(session, user, card, lesson))
