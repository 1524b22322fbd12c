from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from app.accounts.dependencies import CurrentUser, for_everyone, user_rate_limit
from app.checkins import feed, presenters, queries, service
from app.checkins.forms import CheckInForm, ChoicesForm, FeedForm, MakeUpForm, ReasonForm, ZoneForm
from app.checkins.models import Source
from app.checkins.pages import CalendarPage
from app.checkins.queries import WallRow
from app.checkins.records import record_of
from app.core.errors import Invalid, NotFound
from app.core.i18n import current_language
from app.core.signing import hash_token
from app.web.addresses import site_address
from app.web.dependencies import Db
from app.web.fields import Day, Place, Token, Year
from app.web.forms import Submitted
from app.web.fragments import is_fragment
from app.web.security.rate_limit import rate_limit
from app.web.templating import render

router = APIRouter()

write_limit = [Depends(user_rate_limit("check-in", "60/minute"))]


@router.get("/check-ins")
def calendar_page(
    request: Request,
    session: Db,
    user: CurrentUser,
    year: Year | None = None,
    fresh: bool = False,
    made_up: Day | None = None,
) -> Response:
    page = presenters.calendar_page(session, user, year, is_fresh=fresh, made_up=made_up)
    return render(request, "checkins/page.html", page=page)


@router.post("/check-ins", dependencies=write_limit)
def check_in(request: Request, session: Db, user: CurrentUser, form: Submitted[CheckInForm]) -> Response:
    try:
        data = form.data()
        service.check_in(session, user.id, Source.BUTTON, data.note, drawn_on=data.day)
    except Invalid as error:
        page = presenters.calendar_page(session, user, typed=form.values, errors=error.fields)
        return _calendar(request, page, error.status)
    if not is_fragment(request):
        return RedirectResponse("/check-ins?fresh=1#today", status_code=303)
    return _calendar(request, presenters.calendar_page(session, user, is_fresh=True))


@router.post("/check-ins/make-ups", dependencies=write_limit)
def make_up(request: Request, session: Db, user: CurrentUser, form: Submitted[MakeUpForm]) -> Response:
    try:
        data = form.data()
        service.make_up(session, user, data.day, data.note)
    except Invalid as error:
        typed = {f"made_up_{name}": value for name, value in form.values.items()}
        errors = {f"made_up_{name}": sentence for name, sentence in error.fields.items()}
        page = presenters.calendar_page(session, user, typed=typed, errors=errors)
        return _calendar(request, page, error.status)
    if not is_fragment(request):
        return RedirectResponse(f"/check-ins?made_up={data.day}#latest", status_code=303)
    return _calendar(request, presenters.calendar_page(session, user, made_up=data.day))


@router.get("/check-ins/wall")
def wall_page(
    request: Request, session: Db, user: CurrentUser, day: Day | None = None, before: Place | None = None
) -> Response:
    """For a script only the entries: it adds those that the page does not show yet."""
    name = "checkins/_wall.html" if is_fragment(request) else "checkins/wall.html"
    return render(request, name, page=presenters.wall_page(session, user, day, before))


@router.get("/check-ins/class-board")
def class_board_page(
    request: Request, session: Db, user: CurrentUser, after: Place | None = None
) -> Response:
    return render(
        request, "checkins/class_board.html", page=presenters.class_board_page(session, user, after)
    )


@router.get("/check-ins/settings")
def settings_page(request: Request, session: Db, user: CurrentUser) -> Response:
    return render(request, "checkins/settings.html", page=presenters.settings_page(session, user))


@router.post("/check-ins/settings", dependencies=write_limit)
def choose(request: Request, session: Db, user: CurrentUser, form: Submitted[ChoicesForm]) -> Response:
    try:
        service.choose(session, user, **form.data().model_dump())
    except Invalid as error:
        return _settings(request, session, user, error)
    return RedirectResponse("/check-ins/settings#choices", status_code=303)


@router.post("/check-ins/zone", dependencies=write_limit)
def choose_zone(request: Request, session: Db, user: CurrentUser, form: Submitted[ZoneForm]) -> Response:
    try:
        service.choose_zone(session, user, form.data().zone)
    except Invalid as error:
        return _settings(request, session, user, error)
    return RedirectResponse("/check-ins/settings#zone", status_code=303)


@router.post("/check-ins/calendar", dependencies=write_limit)
def renew_feed(request: Request, session: Db, user: CurrentUser, form: Submitted[FeedForm]) -> Response:
    """Responds with the page itself, as the address can be shown only now."""
    try:
        hour = form.data().reminder_hour
    except Invalid as error:
        return _settings(request, session, user, error)
    token = service.renew_feed(session, user, hour, current_language.get())
    page = presenters.settings_page(session, user, feed_token=token, site=site_address(request))
    return render(request, "checkins/settings.html", page=page, headers={"Cache-Control": "no-store"})


@router.post("/check-ins/calendar/deletion", dependencies=write_limit)
def end_feed(session: Db, user: CurrentUser) -> Response:
    service.end_feed(session, user)
    return RedirectResponse("/check-ins/settings#calendar", status_code=303)


@router.get(
    "/check-ins/calendar/{token}.ics", dependencies=[for_everyone, Depends(rate_limit("feed", "120/minute"))]
)
def calendar_feed(request: Request, session: Db, token: Token) -> Response:
    """For a calendar program, which sends no cookie: the address is the credential."""
    found = queries.settings_with_feed(session, hash_token(token))
    if found is None:
        raise NotFound
    record = record_of(session, found.user_id)
    zone_name = record.calendar.zone_after(record.today)
    content = feed.reminder_calendar(found, zone_name, record.moment, site_address(request))
    return Response(
        content, media_type="text/calendar; charset=utf-8", headers={"Cache-Control": "private, max-age=3600"}
    )


@router.get("/check-ins/{check_in_id}")
def check_in_page(request: Request, session: Db, user: CurrentUser, check_in_id: UUID) -> Response:
    page = presenters.check_in_page(request, session, user, check_in_id)
    return render(request, "checkins/check_in.html", page=page)


@router.post("/check-ins/{check_in_id}/cheers", dependencies=write_limit)
def cheer(
    request: Request, session: Db, user: CurrentUser, check_in_id: UUID, alone: bool = False
) -> Response:
    return _cheered(request, session, user, service.cheer(session, user, check_in_id), alone=alone)


@router.post("/check-ins/{check_in_id}/cheers/withdrawal", dependencies=write_limit)
def withdraw_cheer(
    request: Request, session: Db, user: CurrentUser, check_in_id: UUID, alone: bool = False
) -> Response:
    return _cheered(request, session, user, service.withdraw_cheer(session, user, check_in_id), alone=alone)


@router.post("/check-ins/{check_in_id}/words/deletion", dependencies=write_limit)
def remove_words(session: Db, user: CurrentUser, check_in_id: UUID, form: Submitted[ReasonForm]) -> Response:
    service.remove_words(session, user, check_in_id, form.data().reason)
    return RedirectResponse(f"/check-ins/{check_in_id}", status_code=303)


def _calendar(request: Request, page: CalendarPage, status: int = 200) -> Response:
    """For a script the fragment that a check-in changes; otherwise the whole page."""
    name = "checkins/_record.html" if is_fragment(request) else "checkins/page.html"
    return render(request, name, page=page, status=status)


def _settings(request: Request, session: Db, user: CurrentUser, error: Invalid) -> Response:
    page = presenters.settings_page(session, user, errors=error.fields)
    return render(request, "checkins/settings.html", page=page, status=error.status)


def _cheered(request: Request, session: Db, user: CurrentUser, row: WallRow, *, alone: bool) -> Response:
    """For a script the updated button; otherwise the page it was pressed on: the check-in `alone`, or its place on the wall."""
    if is_fragment(request):
        return render(request, "checkins/_cheer.html", entry=presenters.wall_entry(row, user), is_alone=alone)
    address = f"/check-ins/{row.check_in.id}" if alone else presenters.wall_address(session, row.check_in)
    return RedirectResponse(address, status_code=303)
