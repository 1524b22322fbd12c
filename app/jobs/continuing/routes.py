from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from app.accounts.dependencies import CurrentUser, user_rate_limit
from app.core.errors import Invalid
from app.jobs.continuing.presenters import continuation_page
from app.jobs.continuing.service import open_parent, submit_continuation
from app.labs.forms import read_settings
from app.web.dependencies import Db
from app.web.forms import posted_fields
from app.web.templating import render

router = APIRouter(prefix="/jobs/{job_id}")
Fields = Annotated[dict[str, str], Depends(posted_fields)]
submit_limit = Depends(user_rate_limit("submit", "30/minute"))


@router.get("/continuation")
def continuation_form(request: Request, session: Db, user: CurrentUser, job_id: UUID) -> Response:
    page = continuation_page(*open_parent(session, user, job_id))
    return render(request, "jobs/continuation.html", page=page)


@router.post("/continuations", dependencies=[submit_limit])
def continue_job(request: Request, session: Db, user: CurrentUser, job_id: UUID, fields: Fields) -> Response:
    parent, recipe = open_parent(session, user, job_id)
    try:
        job = submit_continuation(
            session, user, parent, recipe, read_settings(recipe, fields), fields.get("learning", "0")
        )
    except Invalid as error:
        page = continuation_page(parent, recipe, typed=fields, errors=error.fields)
        return render(request, "jobs/continuation.html", page=page, status=error.status)
    return RedirectResponse(f"/jobs/{job.id}", status_code=303)
