from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from app.accounts import service
from app.accounts.dependencies import MaybeUser, begin_session
from app.accounts.forms import SignInForm, SignUpForm
from app.accounts.models import User
from app.accounts.pages import AccountPage
from app.accounts.proofs import Proof, admins_password, new_password, signing_in
from app.accounts.tries import SignInTry, sign_in_try
from app.core.db import after_commit
from app.core.errors import Invalid
from app.core.i18n import LANGUAGES
from app.web.dependencies import Db
from app.web.fields import Target, Token
from app.web.forms import Submission, posted_fields, submitted
from app.web.kept_pages.visitors import THEMES
from app.web.redirects import safe_target
from app.web.security.cookies import clear_session_cookie, session_cookie_name, set_preference_cookie
from app.web.security.known_browsers import remember_browser
from app.web.security.rate_limit import rate_limit
from app.web.templating import render

router = APIRouter()

# Some classes make their accounts behind one address, and type a name that is taken, or a password that is too short.
CLASSES_IN_AN_HOUR = "300/hour"

Fields = Annotated[dict[str, str], Depends(posted_fields)]
NewPassword = Annotated[str | Invalid | None, Depends(new_password)]


@router.get("/sign-up")
def sign_up_page(request: Request, user: MaybeUser, next: Target = "/") -> Response:
    return _page(request, AccountPage("sign-up", "/sign-up", safe_target(next)))


@router.post("/sign-up", dependencies=[Depends(rate_limit("sign-up", CLASSES_IN_AN_HOUR))])
def sign_up(
    request: Request,
    form: Annotated[Submission[SignUpForm], Depends(submitted(SignUpForm))],
    password: NewPassword,
    session: Db,
    fields: Fields,
) -> Response:
    page = AccountPage(
        "sign-up", "/sign-up", safe_target(fields.get("next", "/")), form.values.get("name", "")
    )

    def account() -> User:
        return service.sign_up(session, form.data().name, _given(password))

    return _enter(request, session, page, account)


@router.get("/sign-in")
def sign_in_page(request: Request, user: MaybeUser, next: Target = "/") -> Response:
    return _page(request, AccountPage("sign-in", "/sign-in", safe_target(next)))


@router.post("/sign-in")
def sign_in(
    request: Request,
    attempt: Annotated[SignInTry, Depends(sign_in_try)],
    form: Annotated[Submission[SignInForm], Depends(submitted(SignInForm))],
    proof: Annotated[Proof | None, Depends(signing_in)],
    session: Db,
    fields: Fields,
) -> Response:
    page = AccountPage(
        "sign-in", "/sign-in", safe_target(fields.get("next", "/")), form.values.get("name", "")
    )

    def account() -> User:
        try:
            user = service.sign_in(session, form.data().name, proof.holds_for if proof else None)
        except Invalid:
            attempt.failed()
            raise
        after_commit(session, lambda: attempt.succeeded(user.id))
        return user

    return _enter(request, session, page, account)


@router.post("/sign-out")
def sign_out(request: Request, session: Db) -> Response:
    token = request.cookies.get(session_cookie_name())
    if token:
        service.close_session(session, token)
    response = RedirectResponse("/", status_code=303)
    clear_session_cookie(response)
    return response


@router.get("/setup/{token}")
def setup_page(request: Request, session: Db, user: MaybeUser, token: Token) -> Response:
    service.check_setup_link(session, token)
    return _page(request, AccountPage("setup", f"/setup/{token}"))


@router.post("/setup/{token}", dependencies=[Depends(rate_limit("setup", "20/hour"))])
def setup(
    request: Request,
    token: Token,
    form: Annotated[Submission[SignUpForm], Depends(submitted(SignUpForm))],
    password: Annotated[str | Invalid | None, Depends(admins_password)],
    session: Db,
) -> Response:
    page = AccountPage("setup", f"/setup/{token}", name=form.values.get("name", ""))

    def account() -> User:
        return service.set_up_admin(session, token, form.data().name, _given(password))

    return _enter(request, session, page, account)


@router.post("/preferences")
def set_preferences(fields: Fields) -> Response:
    """Language and theme, kept in cookies; works without JavaScript and without an account."""
    response = RedirectResponse(safe_target(fields.get("next", "/")), status_code=303)
    if fields.get("language") in LANGUAGES:
        set_preference_cookie(response, "language", fields["language"])
    if fields.get("theme") in THEMES:
        set_preference_cookie(response, "theme", fields["theme"])
    return response


def _given(password: str | Invalid | None) -> str:
    """The hash of a new password. Raises Invalid where there can be no account with it."""
    if isinstance(password, str):
        return password
    raise password or Invalid({})


def _enter(request: Request, session: Session, page: AccountPage, account: Callable[[], User]) -> Response:
    """Sign in whom `account` gives, or show the form again with what is wrong."""
    try:
        user = account()
    except Invalid as error:
        request.state.user = None
        return _page(
            request, AccountPage(page.kind, page.action, page.next, page.name, error.fields), error.status
        )
    response = RedirectResponse(page.next, status_code=303)
    begin_session(request, response, session, user)
    remember_browser(request, response, user.name_key)
    return response


def _page(request: Request, page: AccountPage, status: int = 200) -> Response:
    return render(request, "accounts/page.html", page=page, status=status)
