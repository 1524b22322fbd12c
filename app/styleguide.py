"""Every component of the interface on one page; in development only."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.accounts.dependencies import MaybeUser
from app.web.templating import render

router = APIRouter()


@router.get("/styleguide")
def styleguide(request: Request, user: MaybeUser) -> Response:
    return render(request, "styleguide/page.html", people=[UUID(int=number) for number in range(24)])
