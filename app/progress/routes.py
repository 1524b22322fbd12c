from fastapi import APIRouter, Request, Response

from app.accounts.dependencies import CurrentUser
from app.progress import service
from app.recipes.recipe import all_recipes
from app.web import slots
from app.web.dependencies import Db
from app.web.templating import render

router = APIRouter()


@router.get("/progress")
def progress_page(request: Request, session: Db, user: CurrentUser) -> Response:
    return render(
        request,
        "progress/page.html",
        page=service.progress_page(session, user),
        recipes=all_recipes(),
        today=slots.today(request, session, None, user),
    )
