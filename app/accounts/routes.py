from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from app.accounts import resets, service, visitors_forms
from app.accounts.dependencies import MaybeUser, begin_session, for_everyone
from app.accounts.events import GuestSignedIn
from app.accounts.forms import LostPasswordForm, ResetForm, SignInForm, SignUpForm
from app.accounts.models import User
from app.accounts.pages import AccountPage, LostPasswordPage, ResetPage, SuspendedPage
from app.accounts.proofs import Proof, admins_password, new_password, reset_password, signing_in
from app.accounts.tries import SignInTry, sign_in_try
from app.core import events
from app.core.config import get_settings
from app.core.db import after_commit
from app.core.errors import AppError, Invalid, NotFound
from app.core.i18n import LANGUAGES
from app.web.dependencies import Db
from app.web.fields import Target, Token, Word
from app.web.forms import Submission, Submitted, posted_fields
from app.web.kept_pages.visitors import THEMES
from app.web.redirects import safe_target
from app.web.security.cookies import clear_session_cookie, session_cookie_name, set_preference_cookie
from app.web.security.guests import clear_guest_cookie, guest_key
from app.web.security.known_browsers import remember_browser
from app.web.security.rate_limit import rate_limit
from app.web.templating import render
from app.web.typed import carried

router = APIRouter()

# Whole classes may sign up behind one address, and mistype: a name that is taken, a password that is too short.
CLASSES_IN_AN_HOUR = "300/hour"

Fields = Annotated[dict[str, str], Depends(posted_fields)]
NewPassword = Annotated[str | Invalid | None, Depends(new_password)]


@router.get("/sign-up")
def sign_up_page(request: Request, user: MaybeUser, next: Target = "/") -> Response:
    return _page(request, AccountPage("sign-up", "/sign-up", safe_target(next)))


@router.post("/sign-up", dependencies=[for_everyone, Depends(rate_limit("sign-up", CLASSES_IN_AN_HOUR))])
def sign_up(
    request: Request,
    form: Submitted[SignUpForm],
    password: NewPassword,
    session: Db,
    fields: Fields,
) -> Response:
    page = _came("sign-up", form, fields)

    def account() -> User:
        return service.sign_up(session, form.data().name, _given(password))

    return _enter(request, session, page, partial(visitors_forms.entered, session, account))


@router.get("/sign-in")
def sign_in_page(request: Request, user: MaybeUser, next: Target = "/", password: Word = "") -> Response:
    page = AccountPage("sign-in", "/sign-in", safe_target(next), has_new_password=password == "new")
    return _page(request, page)


@router.post("/sign-in", dependencies=[for_everyone])
def sign_in(
    request: Request,
    attempt: Annotated[SignInTry, Depends(sign_in_try)],
    form: Submitted[SignInForm],
    proof: Annotated[Proof | None, Depends(signing_in)],
    session: Db,
    fields: Fields,
) -> Response:
    page = _came("sign-in", form, fields)

    def account() -> User:
        try:
            user = service.sign_in(session, form.data().name, proof.holds_for if proof else None)
        except Invalid:
            attempt.failed()
            raise
        after_commit(session, lambda: attempt.succeeded(user.id))
        return user

    try:
        return _enter(request, session, page, account)
    except service.Suspended as suspended:
        after_commit(session, partial(attempt.was_right, suspended.user.id))
        return _suspended(request, suspended)


@router.post("/sign-out", dependencies=[for_everyone])
def sign_out(request: Request, session: Db) -> Response:
    token = request.cookies.get(session_cookie_name())
    if token:
        service.close_session(session, token)
    response = RedirectResponse("/", status_code=303)
    clear_session_cookie(response)
    return response


@router.get("/lost-password")
def lost_password_page(request: Request, user: MaybeUser) -> Response:
    return _lost_password(request, LostPasswordPage(offers_mail=bool(get_settings().smtp_url)))


@router.post("/lost-password", dependencies=[Depends(rate_limit("lost-password", "60/hour"))])
def ask_for_password(
    request: Request, session: Db, user: MaybeUser, form: Submitted[LostPasswordForm]
) -> Response:
    """Does and says the same for every name."""
    offers_mail, name = bool(get_settings().smtp_url), form.values.get("name", "")
    try:
        data = form.data()
    except Invalid as error:
        page = LostPasswordPage(offers_mail, name, errors=error.fields)
        return _lost_password(request, page, error.status)
    if offers_mail and visitors_forms.is_first_sending(session):
        resets.ask_by_mail(session, data.name)
    return _lost_password(request, LostPasswordPage(offers_mail, data.name, was_asked=True))


@router.get("/password-resets/{token}", dependencies=[Depends(rate_limit("reset-link", "300/hour"))])
def reset_page(request: Request, session: Db, user: MaybeUser, token: Token) -> Response:
    """Changes nothing by itself: mail scanners open links too."""
    return _reset(request, ResetPage(token, resets.check_link(session, token).name))


@router.post("/password-resets/{token}", dependencies=[Depends(rate_limit("password-reset", "120/hour"))])
def reset(
    request: Request,
    token: Token,
    form: Submitted[ResetForm],
    password_hash: Annotated[str | None, Depends(reset_password)],
    session: Db,
    user: MaybeUser,
) -> Response:
    """The user then signs in with the new password as usual: the link itself opens no session."""
    answer = RedirectResponse("/sign-in?password=new", status_code=303)
    try:
        resets.set_password(session, token, form.data().new_password, password_hash or "")
    except Invalid as error:
        page = ResetPage(token, resets.check_link(session, token).name, error.fields)
        return _reset(request, page, error.status)
    except NotFound:
        if visitors_forms.was_sent_before(session):
            return answer
        raise
    visitors_forms.is_first_sending(session)
    return answer


@router.get("/setup/{token}")
def setup_page(request: Request, session: Db, user: MaybeUser, token: Token) -> Response:
    service.check_setup_link(session, token)
    return _page(request, AccountPage("setup", f"/setup/{token}"))


@router.post("/setup/{token}", dependencies=[for_everyone, Depends(rate_limit("setup", "20/hour"))])
def setup(
    request: Request,
    token: Token,
    form: Submitted[SignUpForm],
    password: Annotated[str | AppError | None, Depends(admins_password)],
    session: Db,
) -> Response:
    page = AccountPage("setup", f"/setup/{token}", name=form.values.get("name", ""))

    def account() -> User:
        return service.set_up_admin(session, token, form.data().name, _given(password))

    return _enter(request, session, page, partial(visitors_forms.entered, session, account))


@router.post("/preferences", dependencies=[for_everyone])
def set_preferences(fields: Fields) -> Response:
    """Language and theme, stored in cookies; works without JavaScript and without an account."""
    response = RedirectResponse(safe_target(fields.get("next", "/")), status_code=303)
    if fields.get("language") in LANGUAGES:
        set_preference_cookie(response, "language", fields["language"])
    if fields.get("theme") in THEMES:
        set_preference_cookie(response, "theme", fields["theme"])
    return response


def _given(password: str | AppError | None) -> str:
    """The hash of a new password. Raises what keeps it from being an account's."""
    if isinstance(password, str):
        return password
    raise password or Invalid({})


def _enter(request: Request, session: Session, page: AccountPage, account: Callable[[], User]) -> Response:
    """Sign in the user that `account` returns, or show the form again with its errors."""
    try:
        user = account()
    except Invalid as error:
        request.state.user = None
        return _page(request, replace(page, errors=error.fields), error.status)
    if page.typed is None:
        response: Response = RedirectResponse(page.next, status_code=303)
        _begin(request, response, session, user)
        return response
    return _resume(request, session, page, user)


def _resume(request: Request, session: Session, page: AccountPage, user: User) -> Response:
    """The form that was sent before signing in, to be sent by the user now; its CSRF token is the new session's."""
    cookies = Response()
    request.state.user = user
    token = _begin(request, cookies, session, user)
    request.cookies[session_cookie_name()] = token
    response = render(request, "accounts/resume.html", typed=page.typed, next=page.next)
    response.raw_headers += [pair for pair in cookies.raw_headers if pair[0] == b"set-cookie"]
    return response


def _begin(request: Request, response: Response, session: Session, user: User) -> str:
    token = begin_session(request, response, session, user)
    remember_browser(request, response, user.name_key)
    if key := guest_key(request):
        events.send(session, GuestSignedIn(user.id, key))
        clear_guest_cookie(response)
    return token


def _came(kind: str, form: Submission[Any], fields: dict[str, str]) -> AccountPage:
    """The page of a submitted form, as it would be shown again."""
    target = safe_target(fields.get("next", "/"))
    return AccountPage(kind, f"/{kind}", target, form.values.get("name", ""), typed=carried(fields))


def _suspended(request: Request, suspended: service.Suspended) -> Response:
    request.state.user, user = None, suspended.user
    page = SuspendedPage(user.suspension_reason, user.suspended_until, suspended.ask)
    return render(request, "accounts/suspended.html", page=page, status=suspended.status)


def _lost_password(request: Request, page: LostPasswordPage, status: int = 200) -> Response:
    return render(request, "accounts/lost_password.html", page=page, status=status)


def _reset(request: Request, page: ResetPage, status: int = 200) -> Response:
    return render(request, "accounts/reset.html", page=page, status=status)


def _page(request: Request, page: AccountPage, status: int = 200) -> Response:
    return render(request, "accounts/page.html", page=page, status=status)
