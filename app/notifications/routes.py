from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from app.accounts.dependencies import CurrentUser, MaybeUser, Reader, user_rate_limit
from app.accounts.proofs import Proof, own_password
from app.core.errors import Invalid, NotFound
from app.core.i18n import gettext as _
from app.notifications import addresses, presenters, service
from app.notifications.channels import mail_is_offered
from app.notifications.forms import MailForm, chosen_ways
from app.web.dependencies import Db
from app.web.fields import Place, Token
from app.web.forms import Submitted, posted_fields
from app.web.fragments import is_fragment
from app.web.security.csrf import permitted_by_address
from app.web.security.rate_limit import rate_limit
from app.web.templating import render

router = APIRouter()
write_limit = [Depends(user_rate_limit("notification", "240/minute"))]

Fields = Annotated[dict[str, str], Depends(posted_fields)]
SETTINGS = "/settings/notifications"
# Each sends a mail: this must not be a tool for writing to strangers.
address_limit = [Depends(user_rate_limit("mail-address", "5/hour", Reader))]
link_limit = [Depends(rate_limit("mail-link", "60/minute"))]


@router.get("/notifications")
def notifications_page(
    request: Request, session: Db, user: CurrentUser, before: Place | None = None
) -> Response:
    page = presenters.notifications_page(session, user, before)
    return render(request, "notifications/page.html", page=page)


@router.get("/notifications/unread")
def unread(user: CurrentUser) -> dict[str, int]:
    """For the bell of a page that was offline for a while."""
    return {"count": user.unread}


@router.post("/notifications/readings", dependencies=write_limit)
def read_all(request: Request, session: Db, user: CurrentUser, fields: Fields) -> Response:
    """All, or those that link to the page `place`, which was opened."""
    if place := fields.get("place"):
        service.visit(session, user, place)
    else:
        service.mark_read(session, user)
    return _read(request)


@router.post("/notifications/{notification_id}/reading", dependencies=write_limit)
def read_one(request: Request, session: Db, user: CurrentUser, notification_id: UUID) -> Response:
    service.mark_read(session, user, notification_id)
    return _read(request)


@router.get(SETTINGS)
def settings_page(request: Request, session: Db, user: CurrentUser) -> Response:
    return render(request, "notifications/settings.html", page=presenters.settings_page(session, user))


@router.post(SETTINGS, dependencies=write_limit)
def choose_ways(session: Db, user: CurrentUser, fields: Fields) -> Response:
    has_mail = presenters.settings_page(session, user).has_mail
    service.choose(session, user, chosen_ways(fields, has_mail=has_mail), has_mail=has_mail)
    return RedirectResponse(SETTINGS, status_code=303)


@router.post("/settings/mail-address", dependencies=address_limit)
def set_address(
    request: Request,
    form: Submitted[MailForm],
    proof: Annotated[Proof | None, Depends(own_password(MailForm, "password"))],
    session: Db,
    user: CurrentUser,
) -> Response:
    if not mail_is_offered():
        raise NotFound
    try:
        address = form.data().address
        if not (proof and proof.holds_for(user.password_hash)):
            raise Invalid({"password": _("This is not your password.")})
        addresses.set_address(session, user, address)
    except Invalid as error:
        typed = form.values.get("address", "")
        page = presenters.settings_page(session, user, typed=typed, errors=error.fields)
        return render(request, "notifications/settings.html", page=page, status=error.status)
    return RedirectResponse(f"{SETTINGS}#mail", status_code=303)


@router.post("/settings/mail-address/deletion", dependencies=write_limit)
def forget_address(session: Db, user: CurrentUser) -> Response:
    addresses.forget_address(session, user)
    return RedirectResponse(f"{SETTINGS}#mail", status_code=303)


@router.get("/mail-confirmations/{token}", dependencies=link_limit)
def confirmation_page(request: Request, session: Db, user: MaybeUser, token: Token) -> Response:
    """The link in a mail. Changes nothing by itself: mail scanners open links too."""
    mail = addresses.to_confirm(session, token)
    return render(request, "notifications/confirmation.html", mail=mail)


@router.post("/mail-confirmations/{token}", dependencies=link_limit)
def confirm(request: Request, session: Db, user: MaybeUser, token: Token) -> Response:
    mail = addresses.confirm(session, token)
    return render(request, "notifications/confirmation.html", mail=mail)


@router.get("/unsubscriptions/{token}", dependencies=link_limit)
def unsubscription_page(request: Request, session: Db, user: MaybeUser, token: Token) -> Response:
    mail = addresses.to_stop(session, token)
    return render(request, "notifications/unsubscription.html", mail=mail)


@router.post("/unsubscriptions/{token}", dependencies=link_limit)
@permitted_by_address
def unsubscribe(request: Request, session: Db, user: MaybeUser, token: Token) -> Response:
    """Also the target of mail programs' one-click "unsubscribe" (RFC 8058)."""
    mail = addresses.stop(session, token)
    return render(request, "notifications/unsubscription.html", mail=mail)


def _read(request: Request) -> Response:
    if is_fragment(request):
        return Response(status_code=204)
    return RedirectResponse("/notifications", status_code=303)
