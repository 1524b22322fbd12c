from typing import Annotated
from uuid import UUID

from annotated_types import MaxLen
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BeforeValidator

from app.accounts.dependencies import CurrentUser
from app.jobs.comparison import presenters
from app.web.dependencies import Db
from app.web.templating import render

# Before the routes of single jobs: their patterns would match these addresses, too.
router = APIRouter(prefix="/jobs/compare")

LONGEST_LIST = 1000


def _one_by_one(given: object) -> object:
    """`ids=a,b` of a link, and `ids=a&ids=b` of a form; each of them once."""
    if not isinstance(given, list) or sum(len(text) for text in given) > LONGEST_LIST:
        return given
    return list(dict.fromkeys(one for text in given for one in text.split(",") if one))


Ids = Annotated[list[UUID], BeforeValidator(_one_by_one), MaxLen(20), Query()]


@router.get("")
def comparison_page(request: Request, session: Db, user: CurrentUser, ids: Ids = []) -> Response:  # noqa: B006
    if not ids:
        return RedirectResponse("/jobs", status_code=303)
    return render(request, "runs/comparison.html", page=presenters.comparison_page(session, user, ids))


@router.get("/table.csv")
def comparison_csv(session: Db, user: CurrentUser, ids: Ids) -> Response:
    return Response(
        presenters.comparison_csv(session, user, ids),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="comparison.csv"'},
    )
