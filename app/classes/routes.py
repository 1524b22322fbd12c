from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from app.accounts.dependencies import CurrentUser, Teacher, user_rate_limit
from app.classes import invitations, presenters, service
from app.classes.forms import (
    AnnouncementForm,
    DatesForm,
    InvitationsForm,
    KeyForm,
    KeysForm,
    MemberForm,
    MembershipForm,
    OpenForm,
    StepForm,
)
from app.core.errors import Invalid, NotFound
from app.web.dependencies import Db
from app.web.fields import cut_to
from app.web.forms import Submitted
from app.web.templating import render

router = APIRouter(prefix="/classes")
limit = [Depends(user_rate_limit("classes", "60/minute"))]
# A code of eight characters is not found by trying ten a minute.
joining_limit = [Depends(user_rate_limit("class-joining", "10/minute"))]
# It reads what all students of a class have done.
members_limit = [Depends(user_rate_limit("class-members", "60/minute"))]

Key = Annotated[str, cut_to(120)]


@router.get("")
def classes_page(request: Request, session: Db, user: CurrentUser) -> Response:
    return render(request, "classes/list.html", page=presenters.classes_page(session, user))


@router.get("/new")
def open_page(request: Request, session: Db, user: Teacher) -> Response:
    return render(request, "classes/new.html", page=presenters.open_page(session, user, {}))


@router.post("", dependencies=limit)
def open_class(request: Request, session: Db, user: Teacher, form: Submitted[OpenForm]) -> Response:
    try:
        data = form.data()
        made = service.open_class(session, user, data.course_id, data.title, data.starts_on, data.ends_on)
    except Invalid as error:
        page = presenters.open_page(session, user, form.values, error.fields)
        return render(request, "classes/new.html", page=page, status=error.status)
    return RedirectResponse(f"/classes/{made.id}/settings", status_code=303)


@router.get("/joining", dependencies=joining_limit)
def joining_page(request: Request, session: Db, user: CurrentUser, key: Key = "") -> Response:
    """What joining means, before anybody joins."""
    try:
        page = presenters.joining_page(session, key)
    except NotFound as error:
        again = presenters.classes_page(session, user, key, error.sentence())
        return render(request, "classes/list.html", page=again, status=error.status)
    return render(request, "classes/joining.html", page=page)


@router.post("/joining", dependencies=joining_limit)
def join(session: Db, user: CurrentUser, form: Submitted[KeyForm]) -> Response:
    found = service.join(session, user, form.data().key)
    return RedirectResponse(f"/classes/{found.id}", status_code=303)


@router.get("/{class_id}")
def class_page(request: Request, session: Db, user: CurrentUser, class_id: UUID) -> Response:
    return render(request, "classes/page.html", page=presenters.class_page(session, user, class_id))


@router.post("/{class_id}/membership", dependencies=limit)
def change_own(session: Db, user: CurrentUser, class_id: UUID, form: Submitted[MembershipForm]) -> Response:
    act = form.data().act
    service.change_own(session, user, class_id, act)
    stays = act in {"accept", "count", "not-count"}
    return RedirectResponse(f"/classes/{class_id}" if stays else "/classes", status_code=303)


@router.post("/{class_id}/announcements", dependencies=limit)
def announce(
    request: Request, session: Db, user: CurrentUser, class_id: UUID, form: Submitted[AnnouncementForm]
) -> Response:
    try:
        service.announce(session, user, class_id, form.data().text)
    except Invalid as error:
        text = form.values.get("text", "")
        page = presenters.class_page(session, user, class_id, text=text, errors=error.fields)
        return render(request, "classes/page.html", page=page, status=error.status)
    return RedirectResponse(f"/classes/{class_id}", status_code=303)


@router.post("/{class_id}/announcements/{announcement_id}/deletion", dependencies=limit)
def take_down(session: Db, user: CurrentUser, class_id: UUID, announcement_id: UUID) -> Response:
    service.take_down(session, user, class_id, announcement_id)
    return RedirectResponse(f"/classes/{class_id}", status_code=303)


@router.get("/{class_id}/members", dependencies=members_limit)
def members_page(request: Request, session: Db, user: CurrentUser, class_id: UUID) -> Response:
    return render(request, "classes/members.html", page=presenters.members_page(session, user, class_id))


@router.post("/{class_id}/members/{user_id}", dependencies=limit)
def change_member(
    session: Db, user: CurrentUser, class_id: UUID, user_id: UUID, form: Submitted[MemberForm]
) -> Response:
    service.change_member(session, user, class_id, user_id, form.data().act)
    return RedirectResponse(f"/classes/{class_id}/members", status_code=303)


@router.get("/{class_id}/settings")
def settings_page(request: Request, session: Db, user: CurrentUser, class_id: UUID) -> Response:
    return render(request, "classes/settings.html", page=presenters.settings_page(session, user, class_id))


@router.post("/{class_id}/settings", dependencies=limit)
def change(
    request: Request, session: Db, user: CurrentUser, class_id: UUID, form: Submitted[DatesForm]
) -> Response:
    try:
        data = form.data()
        service.change(session, user, class_id, data.title, data.starts_on, data.ends_on)
    except Invalid as error:
        page = presenters.settings_page(session, user, class_id, values=form.values, errors=error.fields)
        return render(request, "classes/settings.html", page=page, status=error.status)
    return RedirectResponse(f"/classes/{class_id}/settings", status_code=303)


@router.post("/{class_id}/keys", dependencies=limit)
def change_keys(session: Db, user: CurrentUser, class_id: UUID, form: Submitted[KeysForm]) -> Response:
    service.change_keys(session, user, class_id, form.data().act)
    return RedirectResponse(f"/classes/{class_id}/settings#joining", status_code=303)


@router.post("/{class_id}/plan", dependencies=limit)
def add_step(
    request: Request, session: Db, user: CurrentUser, class_id: UUID, form: Submitted[StepForm]
) -> Response:
    try:
        data = form.data()
        service.add_step(session, user, class_id, (data.first, data.last), data.starts_on, data.due_on)
    except Invalid as error:
        errors = {f"plan-{name}": words for name, words in error.fields.items()}
        page = presenters.settings_page(session, user, class_id, errors=errors)
        return render(request, "classes/settings.html", page=page, status=error.status)
    return RedirectResponse(f"/classes/{class_id}/settings#plan", status_code=303)


@router.post("/{class_id}/plan/{step_id}/deletion", dependencies=limit)
def remove_step(session: Db, user: CurrentUser, class_id: UUID, step_id: UUID) -> Response:
    service.remove_step(session, user, class_id, step_id)
    return RedirectResponse(f"/classes/{class_id}/settings#plan", status_code=303)


@router.post("/{class_id}/invitations", dependencies=limit)
def invite(
    request: Request, session: Db, user: CurrentUser, class_id: UUID, form: Submitted[InvitationsForm]
) -> Response:
    """First what each line would do, then, once that is confirmed, the same list for good."""
    try:
        data = form.data()
        do = invitations.invite if data.confirmed else invitations.read_list
        lines = do(session, user, class_id, data.names, data.role)
    except Invalid as error:
        page = presenters.settings_page(session, user, class_id, values=form.values, errors=error.fields)
        return render(request, "classes/settings.html", page=page, status=error.status)
    page = presenters.settings_page(
        session, user, class_id, values=form.values, lines=lines, is_sent=data.confirmed
    )
    return render(request, "classes/settings.html", page=page)
