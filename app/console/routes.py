from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import AfterValidator

from app.accounts.dependencies import AdminUser, user_rate_limit
from app.console import presenters, service
from app.console.forms import CleaningForm, PauseForm
from app.web.dependencies import Db
from app.web.forms import Submitted
from app.web.templating import render

router = APIRouter(prefix="/admin")
look_limit = [Depends(user_rate_limit("console", "120/minute"))]
act_limit = [Depends(user_rate_limit("admin", "120/minute"))]

LEAST_DAYS, USUAL_DAYS, MOST_DAYS = 1, 90, 3650
Days = Annotated[int, AfterValidator(lambda days: min(max(days, LEAST_DAYS), MOST_DAYS))]


@router.get("/queue", dependencies=look_limit)
def queue_page(request: Request, session: Db, _admin: AdminUser) -> Response:
    """A script asks for it every few seconds."""
    return render(request, "console/queue.html", page=presenters.queue_page(session))


@router.post("/queue/pauses", dependencies=act_limit)
def pause(session: Db, admin: AdminUser, form: Submitted[PauseForm]) -> Response:
    service.pause(session, admin, form.data().target)
    return RedirectResponse("/admin/queue", status_code=303)


@router.post("/queue/pauses/deletion", dependencies=act_limit)
def resume(session: Db, admin: AdminUser, form: Submitted[PauseForm]) -> Response:
    service.resume(session, admin, form.data().target)
    return RedirectResponse("/admin/queue", status_code=303)


@router.post("/jobs/{job_id}/requeuing", dependencies=act_limit)
def requeue(session: Db, admin: AdminUser, job_id: UUID) -> Response:
    service.requeue(session, admin, job_id)
    return RedirectResponse("/admin/queue", status_code=303)


@router.get("/recipes", dependencies=look_limit)
def recipes_page(request: Request, session: Db, _admin: AdminUser) -> Response:
    return render(request, "console/recipes.html", page=presenters.recipes_page(session))


@router.get("/disk", dependencies=look_limit)
def disk_page(request: Request, session: Db, _admin: AdminUser, days: Days = USUAL_DAYS) -> Response:
    return render(request, "console/disk.html", page=presenters.disk_page(session, days))


@router.post("/disk/cleaning", dependencies=act_limit)
def clean_up(session: Db, admin: AdminUser, form: Submitted[CleaningForm]) -> Response:
    service.clean_up(session, admin, form.data().before)
    return RedirectResponse("/admin/disk", status_code=303)
