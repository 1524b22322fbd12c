from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.accounts.dependencies import Db, MaybeUser
from app.i18n import current_language
from app.search import service
from app.security.rate_limit import rate_limit
from app.templating import render

router = APIRouter()

# After the reader is known, so that a classroom behind one address does not share one allowance.
SearchLimit = Annotated[None, Depends(rate_limit("search", "60/minute"))]


@router.get("/search")
def search_page(
    request: Request, session: Db, user: MaybeUser, limit: SearchLimit, q: str = "", page: int = 1
) -> Response:
    found = service.search(session, user, q, page, current_language.get())
    return render(request, "search/page.html", page=found)
