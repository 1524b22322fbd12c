from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from app.accounts.dependencies import AdminUser, Db, user_rate_limit
from app.accounts.routes import safe_target
from app.admin import assemble, column_upload, service
from app.admin.column_upload import UploadedFile, uploaded_files
from app.admin.dependencies import AdminReader, admin_sends_more
from app.admin.forms import ImportForm, RoleForm
from app.admin.pages import ImportPage
from app.admin.queries import JobFilter, PeopleFilter
from app.errors import Invalid
from app.fields import PageNumber, Token, Word, cut_to
from app.forms import Submission, posted_fields, submitted
from app.security.bounds import takes
from app.templating import render

router = APIRouter(prefix="/admin")

Typed = Annotated[str, cut_to(80)]
Fields = Annotated[dict[str, str], Depends(posted_fields)]


@router.get("")
def home(_admin: AdminUser) -> Response:
    return RedirectResponse("/admin/people", status_code=303)


@router.get("/people")
def people_page(
    request: Request,
    session: Db,
    _admin: AdminUser,
    text: Typed = "",
    role: Word = "",
    state: Word = "",
    page: PageNumber = 1,
) -> Response:
    wanted = PeopleFilter(text.strip(), role, state)
    return render(request, "admin/people.html", page=assemble.people_page(session, wanted, page))


@router.post("/people/{user_id}/role")
def change_role(
    session: Db,
    admin: AdminUser,
    user_id: UUID,
    form: Annotated[Submission[RoleForm], Depends(submitted(RoleForm))],
    fields: Fields,
) -> Response:
    service.change_role(session, admin, user_id, form.data().role)
    return _back(fields, "/admin/people")


@router.post("/people/{user_id}/suspension")
def suspend(session: Db, admin: AdminUser, user_id: UUID, fields: Fields) -> Response:
    service.suspend(session, admin, user_id)
    return _back(fields, "/admin/people")


@router.post("/people/{user_id}/reinstatement")
def reinstate(session: Db, admin: AdminUser, user_id: UUID, fields: Fields) -> Response:
    service.reinstate(session, admin, user_id)
    return _back(fields, "/admin/people")


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
    return render(request, "admin/jobs.html", page=assemble.jobs_page(session, wanted, page))


@router.post("/jobs/{job_id}/cancellation")
def cancel_job(session: Db, admin: AdminUser, job_id: UUID, fields: Fields) -> Response:
    service.cancel_job(session, admin, job_id)
    return _back(fields, "/admin/jobs")


@router.get("/journal")
def journal_page(request: Request, session: Db, _admin: AdminUser, page: PageNumber = 1) -> Response:
    return render(request, "admin/journal.html", page=assemble.journal_page(session, page))


@router.get("/import")
def import_page(request: Request, _admin: AdminUser) -> Response:
    return render(request, "admin/import.html", page=ImportPage({}))


@router.post(
    "/import",
    dependencies=[Depends(user_rate_limit("import", "60/hour", AdminReader)), Depends(admin_sends_more)],
)
@takes(body=column_upload.MOST_BYTES, files=column_upload.MOST_FILES)
def upload_column(
    request: Request,
    admin: AdminReader,
    files: Annotated[list[UploadedFile] | Invalid, Depends(uploaded_files)],
) -> Response:
    """Read the files and show what is in them. The database is not touched."""
    try:
        upload = column_upload.keep(admin, files)
    except Invalid as error:
        return render(request, "admin/import.html", page=ImportPage(error.fields), status=error.status)
    return RedirectResponse(f"/admin/import/{upload.token}", status_code=303)


@router.get("/import/{token}")
def import_report(request: Request, session: Db, admin: AdminUser, token: Token) -> Response:
    page = assemble.import_report_page(session, column_upload.find(admin, token))
    return render(request, "admin/import_report.html", page=page)


@router.post("/import/{token}/confirmation")
def bring_in(
    session: Db,
    admin: AdminUser,
    token: Token,
    form: Annotated[Submission[ImportForm], Depends(submitted(ImportForm))],
) -> Response:
    column_upload.bring_in(session, admin, column_upload.find(admin, token), form.data().course)
    return RedirectResponse(f"/admin/import/{token}", status_code=303)


def _back(fields: dict[str, str], address: str) -> Response:
    """Back to the list, with its filter as it was: `next` is a path on this site that begins with `address`."""
    target = safe_target(fields.get("next", address))
    return RedirectResponse(target if urlsplit(target).path == address else address, status_code=303)
