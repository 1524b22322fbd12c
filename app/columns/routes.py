"""Routes for importing a column: upload, report, confirmation."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from app.accounts.dependencies import AdminReader, AdminUser, admin_sends_more, user_rate_limit
from app.columns import presenters
from app.columns import upload as columns_upload
from app.columns.forms import ImportForm
from app.columns.pages import ImportPage
from app.columns.upload import UploadedFile, uploaded_files
from app.core.errors import Invalid
from app.web.dependencies import Db
from app.web.fields import Token
from app.web.forms import Submitted
from app.web.security.bounds import takes
from app.web.templating import render

router = APIRouter(prefix="/admin")
confirmation_limit = [Depends(user_rate_limit("import-confirmation", "60/hour"))]


@router.get("/import")
def import_page(request: Request, _admin: AdminUser) -> Response:
    return render(request, "columns/import.html", page=ImportPage({}))


@router.post(
    "/import",
    dependencies=[Depends(user_rate_limit("import", "60/hour", AdminReader)), Depends(admin_sends_more)],
)
@takes(body=columns_upload.MOST_BYTES, files=columns_upload.MOST_FILES)
def upload_column(
    request: Request,
    admin: AdminReader,
    files: Annotated[list[UploadedFile] | Invalid, Depends(uploaded_files)],
) -> Response:
    """Parse the files and show what is in them. The database is not touched."""
    try:
        upload = columns_upload.keep(admin, files)
    except Invalid as error:
        return render(request, "columns/import.html", page=ImportPage(error.fields), status=error.status)
    return RedirectResponse(f"/admin/import/{upload.token}", status_code=303)


@router.get("/import/{token}")
def import_report(request: Request, session: Db, admin: AdminUser, token: Token) -> Response:
    page = presenters.import_report_page(session, columns_upload.find(admin, token))
    return render(request, "columns/report.html", page=page)


@router.post("/import/{token}/confirmation", dependencies=confirmation_limit)
def bring_in(session: Db, admin: AdminUser, token: Token, form: Submitted[ImportForm]) -> Response:
    columns_upload.bring_in(session, admin, columns_upload.find(admin, token), form.data().course)
    return RedirectResponse(f"/admin/import/{token}", status_code=303)
