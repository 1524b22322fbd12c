from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BeforeValidator

from app.accounts.dependencies import AdminUser, user_rate_limit
from app.admin import presenters, service
from app.admin.forms import RoleForm, SuspensionForm
from app.admin.pages import PermissionsPage, PersonPage
from app.admin.queries import JobFilter, PeopleFilter, Sort
from app.core.errors import Invalid
from app.web.dependencies import Db
from app.web.fields import PageNumber, Place, Word, cut_to
from app.web.forms import Submitted, posted_fields
from app.web.redirects import safe_target
from app.web.templating import render

router = APIRouter(prefix="/admin")
reset_limit = [Depends(user_rate_limit("admin-reset", "60/hour"))]
act_limit = [Depends(user_rate_limit("admin", "120/minute"))]
# It reads all people.
csv_limit = [Depends(user_rate_limit("people-csv", "20/minute"))]

Typed = Annotated[str, cut_to(80)]
# A filter that chooses nothing is an empty field of its form.
ChosenClass = Annotated[UUID | None, BeforeValidator(lambda text: text or None)]
Fields = Annotated[dict[str, str], Depends(posted_fields)]


@router.get("")
def home(_admin: AdminUser) -> Response:
    return RedirectResponse("/admin/people", status_code=303)


def chosen_people(
    text: Typed = "",
    role: Word = "",
    state: Word = "",
    class_id: ChosenClass = None,
    sort: Sort = Sort.NEWEST,
) -> PeopleFilter:
    return PeopleFilter(text.strip(), role, state, class_id, sort)


ChosenPeople = Annotated[PeopleFilter, Depends(chosen_people)]


@router.get("/people")
def people_page(
    request: Request, session: Db, _admin: AdminUser, wanted: ChosenPeople, after: Place = ""
) -> Response:
    return render(request, "admin/people.html", page=presenters.people_page(session, wanted, after))


@router.get("/people.csv", dependencies=csv_limit)
def people_csv(session: Db, _admin: AdminUser, wanted: ChosenPeople) -> Response:
    headers = {
        "Content-Disposition": 'attachment; filename="people.csv"',
        "Cache-Control": "private, no-store",
    }
    text = presenters.people_csv(session, wanted)
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/people/{user_id}/role", dependencies=act_limit)
def change_role(
    session: Db,
    admin: AdminUser,
    user_id: UUID,
    form: Submitted[RoleForm],
    fields: Fields,
) -> Response:
    service.change_role(session, admin, user_id, form.data().role)
    return _back(fields, "/admin/people", f"/admin/people/{user_id}")


@router.get("/people/{user_id}")
def person_page(request: Request, session: Db, admin: AdminUser, user_id: UUID) -> Response:
    return _person(request, presenters.person_page(session, admin, user_id))


@router.post("/people/{user_id}/suspension", dependencies=act_limit)
def suspend(
    request: Request, session: Db, admin: AdminUser, user_id: UUID, form: Submitted[SuspensionForm]
) -> Response:
    try:
        data = form.data()
    except Invalid as error:
        reason = form.values.get("reason", "")
        page = presenters.person_page(session, admin, user_id, reason=reason, errors=error.fields)
        return _person(request, page, error.status)
    service.suspend(session, admin, user_id, data.reason, data.days)
    return RedirectResponse(f"/admin/people/{user_id}", status_code=303)


@router.post("/people/{user_id}/reset-links", dependencies=reset_limit)
def make_reset_link(request: Request, session: Db, admin: AdminUser, user_id: UUID) -> Response:
    """The link appears only in this one response, which no browser caches."""
    person, link = service.make_reset_link(session, admin, user_id)
    response = _person(request, presenters.person_page(session, admin, person.id, link=link))
    response.headers["Cache-Control"] = "no-store"
    return response


@router.post("/people/{user_id}/sign-ins/deletion", dependencies=act_limit)
def end_all_sign_ins(session: Db, admin: AdminUser, user_id: UUID) -> Response:
    service.end_sign_ins(session, admin, user_id)
    return RedirectResponse(f"/admin/people/{user_id}#sign-ins", status_code=303)


@router.post("/people/{user_id}/sign-ins/{handle}/deletion", dependencies=act_limit)
def end_sign_in(session: Db, admin: AdminUser, user_id: UUID, handle: Word) -> Response:
    service.end_sign_ins(session, admin, user_id, handle)
    return RedirectResponse(f"/admin/people/{user_id}#sign-ins", status_code=303)


@router.post("/people/{user_id}/reinstatement", dependencies=act_limit)
def reinstate(session: Db, admin: AdminUser, user_id: UUID, fields: Fields) -> Response:
    service.reinstate(session, admin, user_id)
    return _back(fields, "/admin/people", f"/admin/people/{user_id}")


@router.get("/jobs")
def jobs_page(
    request: Request,
    session: Db,
    _admin: AdminUser,
    state: Word = "",
    recipe: Word = "",
    name: Typed = "",
    page: PageNumber = 1,
) -> Response:
    wanted = JobFilter(state, recipe, name.strip())
    return render(request, "admin/jobs.html", page=presenters.jobs_page(session, wanted, page))


@router.post("/jobs/{job_id}/cancellation", dependencies=act_limit)
def cancel_job(session: Db, admin: AdminUser, job_id: UUID, fields: Fields) -> Response:
    service.cancel_job(session, admin, job_id)
    return _back(fields, "/admin/jobs", "/admin/queue")


@router.get("/journal")
def journal_page(request: Request, session: Db, _admin: AdminUser, page: PageNumber = 1) -> Response:
    return render(request, "admin/journal.html", page=presenters.journal_page(session, page))


@router.get("/permissions")
def permissions_page(request: Request, _admin: AdminUser) -> Response:
    return render(request, "admin/permissions.html", page=PermissionsPage())


def _person(request: Request, page: PersonPage, status: int = 200) -> Response:
    return render(request, "admin/person.html", page=page, status=status)


def _back(fields: dict[str, str], address: str, *others: str) -> Response:
    """Back to the list with its filter, or to one of the `others`, if `next` is the address of one of these pages."""
    target = safe_target(fields.get("next", address))
    is_known = urlsplit(target).path in {address, *others}
    return RedirectResponse(target if is_known else address, status_code=303)
