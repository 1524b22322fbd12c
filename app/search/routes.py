from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.accounts.dependencies import MaybeUser, reader_rate_limit
from app.core.i18n import current_language
from app.search import service
from app.web.dependencies import Db
from app.web.fields import PageNumber, cut_to
from app.web.templating import render

router = APIRouter()

SearchLimit = Annotated[None, Depends(reader_rate_limit("search", "60/minute"))]


@router.get("/search")
def search_page(
    request: Request,
    session: Db,
    user: MaybeUser,
    limit: SearchLimit,
    q: Annotated[str, cut_to(1000)] = "",
    page: PageNumber = 1,
) -> Response:
    found = service.search(session, user, q, page, current_language.get())
    return render(request, "search/page.html", page=found)
