from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from app.accounts.dependencies import CurrentUser, Reader, begin_session, user_rate_limit
from app.accounts.proofs import Proof, hashed, own_password
from app.accounts.service import close_all_sessions, close_sign_in
from app.core.clock import now
from app.core.errors import Invalid
from app.profiles import deletion, presenters, service
from app.profiles.export import export
from app.profiles.forms import DeletionForm, NameForm, PasswordForm, RenamingForm
from app.recipes.recipe import all_recipes
from app.web.dependencies import Db
from app.web.fields import Word
from app.web.forms import Submitted
from app.web.security.cookies import clear_session_cookie, session_cookie_name
from app.web.security.known_browsers import remember_browser
from app.web.templating import render

router = APIRouter()

# Each attempt costs a password hash.
password_limit = [Depends(user_rate_limit("password", "10/hour", Reader))]
# Each invalidates all cached pages with comments.
name_limit = [Depends(user_rate_limit("name", "20/hour"))]
renaming_limit = [Depends(user_rate_limit("renaming", "10/day", Reader))]
sign_in_limit = [Depends(user_rate_limit("sign-ins", "60/hour"))]
export_limit = [Depends(user_rate_limit("export", "10/hour"))]


@router.get("/people/{user_id}")
def profile_page(request: Request, session: Db, user: CurrentUser, user_id: UUID) -> Response:
    page = presenters.profile_page(session, user, user_id)
    return render(request, "profiles/page.html", page=page, recipes=all_recipes())


@router.get("/settings")
def settings_page(request: Request, user: CurrentUser, password: Word = "", name: Word = "") -> Response:
    page = presenters.settings_page(
        user, has_changed_password=password == "changed", has_changed_name=name == "changed"
    )
    return render(request, "profiles/settings.html", page=page)


@router.post("/settings/name", dependencies=name_limit)
def show_name(session: Db, user: CurrentUser, form: Submitted[NameForm]) -> Response:
    service.show_name(session, user, shown=form.data().shown == "yes")
    return RedirectResponse("/settings", status_code=303)


@router.post("/settings/renaming", dependencies=renaming_limit)
def rename(
    request: Request,
    form: Submitted[RenamingForm],
    proof: Annotated[Proof | None, Depends(own_password(RenamingForm, "name_password"))],
    session: Db,
    user: CurrentUser,
) -> Response:
    try:
        data = form.data()
        assert proof is not None  # set if the form is valid
        service.rename(session, user, proof, data.name, data.name_password)
    except Invalid as error:
        page = presenters.settings_page(user, errors=error.fields, typed_name=form.values.get("name", ""))
        return render(request, "profiles/settings.html", page=page, status=error.status)
    response = RedirectResponse("/settings?name=changed#name", status_code=303)
    # Known browsers are recognised by the account's name.
    remember_browser(request, response, user.name_key)
    return response


@router.post("/settings/password", dependencies=password_limit)
def change_password(
    request: Request,
    form: Submitted[PasswordForm],
    proof: Annotated[Proof | None, Depends(own_password(PasswordForm, "password"))],
    password_hash: Annotated[str | None, Depends(hashed(PasswordForm, "new_password"))],
    session: Db,
    user: CurrentUser,
) -> Response:
    try:
        data = form.data()
        assert proof is not None and password_hash is not None  # set if the form is valid
        service.change_password(session, user, proof, data.new_password, password_hash)
    except Invalid as error:
        page = presenters.settings_page(user, errors=error.fields)
        return render(request, "profiles/settings.html", page=page, status=error.status)
    response = RedirectResponse("/settings?password=changed#password", status_code=303)
    begin_session(request, response, session, user)
    return response


@router.get("/settings/sign-ins")
def sign_ins_page(request: Request, session: Db, user: CurrentUser) -> Response:
    page = presenters.sign_ins_page(session, user, request.cookies[session_cookie_name()])
    return render(request, "profiles/sign_ins.html", page=page)


@router.post("/settings/sign-ins/deletion", dependencies=sign_in_limit)
def sign_out_everywhere(session: Db, user: CurrentUser) -> Response:
    """This browser included."""
    close_all_sessions(session, user)
    response = RedirectResponse("/sign-in", status_code=303)
    clear_session_cookie(response)
    return response


@router.post("/settings/sign-ins/{handle}/deletion", dependencies=sign_in_limit)
def end_sign_in(session: Db, user: CurrentUser, handle: Word) -> Response:
    close_sign_in(session, user, handle)
    return RedirectResponse("/settings/sign-ins", status_code=303)


@router.get("/settings/export", dependencies=export_limit)
def export_data(request: Request, user: CurrentUser) -> Response:
    """Everything one owns. A download requested by hand: nothing is stored or changed."""
    headers = {
        "Content-Disposition": f'attachment; filename="sophora-{now().date().isoformat()}.zip"',
        "Cache-Control": "no-store",
        # It is already compressed; doing it again would only cost time.
        "Content-Encoding": "identity",
    }
    state = request.app.state
    return StreamingResponse(
        export(user.id, state.owned, state.admission, state.files),
        media_type="application/zip",
        headers=headers,
    )


@router.post("/settings/account-deletion", dependencies=password_limit)
def delete_account(
    request: Request,
    form: Submitted[DeletionForm],
    proof: Annotated[Proof | None, Depends(own_password(DeletionForm, "deletion_password"))],
    session: Db,
    user: CurrentUser,
) -> Response:
    try:
        form.data()
        assert proof is not None  # set if the form is valid
        deletion.delete_account(session, user, proof)
    except Invalid as error:
        page = presenters.settings_page(user, errors=error.fields)
        return render(request, "profiles/settings.html", page=page, status=error.status)
    request.state.user = None
    response = render(request, "profiles/deleted.html")
    clear_session_cookie(response)
    return response
