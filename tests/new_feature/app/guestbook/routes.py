from app.guestbook import service
from app.guestbook.forms import LineForm
from app.guestbook.pages import GuestbookPage
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from app.accounts.dependencies import CurrentUser, user_rate_limit
from app.web.dependencies import Db
from app.web.forms import Submitted
from app.web.templating import render

router = APIRouter()
write_limit = [Depends(user_rate_limit("guestbook", "30/minute"))]


@router.get("/guestbook")
def guestbook_page(request: Request, session: Db, user: CurrentUser) -> Response:
    return render(request, "guestbook/page.html", page=GuestbookPage(service.latest(session)))


@router.post("/guestbook/lines", dependencies=write_limit)
def write_line(session: Db, user: CurrentUser, form: Submitted[LineForm]) -> Response:
    service.write(session, user.id, form.data().line)
    return RedirectResponse("/guestbook", status_code=303)
