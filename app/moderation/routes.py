"""Routes for moderators' decisions and readers' reports."""

from dataclasses import replace
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from app.accounts.dependencies import CurrentUser, Moderator, user_rate_limit
from app.board import states
from app.core.errors import AppError, Conflict, Invalid
from app.moderation import presenters, service
from app.moderation.forms import DecisionForm, ReportForm
from app.moderation.lists import LogFilter
from app.web.dependencies import Db
from app.web.fields import cut_to
from app.web.forms import Submission, Submitted
from app.web.fragments import is_fragment
from app.web.templating import render

router = APIRouter()
# One request per decision: a quick moderator makes one a second.
decision_limit = [Depends(user_rate_limit("decision", "240/minute"))]
ReportLimit = Annotated[None, Depends(user_rate_limit("comment-report", "20/hour"))]


@router.get("/moderation")
def queue_page(request: Request, session: Db, staff: Moderator, after: UUID | None = None) -> Response:
    return render(request, "moderation/queue.html", page=presenters.queue_page(session, staff, after))


@router.post("/moderation/comments/{comment_id}/decisions", dependencies=decision_limit)
def decide(
    request: Request, session: Db, staff: Moderator, comment_id: UUID, form: Submitted[DecisionForm]
) -> Response:
    data = form.data()
    try:
        act = service.decide(session, staff, comment_id, data.verdict())
    except (Conflict, Invalid) as error:
        return _undecided(request, session, comment_id, form, error)
    if not is_fragment(request):
        return _back_to_queue(data.after)
    decided = presenters.decided(session, act, data.after)
    return render(request, "moderation/_decided.html", decided=decided)


@router.post("/moderation/acts/{act_id}/reversal", dependencies=decision_limit)
def undo(
    request: Request, session: Db, staff: Moderator, act_id: UUID, after: UUID | None = None
) -> Response:
    comment = service.undo(session, staff, act_id)
    if not is_fragment(request):
        return _back_to_queue(after)
    item = presenters.waiting_item(session, comment)
    return render(request, "moderation/_item.html", item=item, after=after)


@router.get("/moderation/log")
def log_page(
    request: Request,
    session: Db,
    _staff: Moderator,
    actor: Annotated[str, cut_to(40)] = "",
    act: Annotated[str, cut_to(30)] = "",
    before: UUID | None = None,
) -> Response:
    page = presenters.log_page(session, LogFilter(actor, act), before)
    return render(request, "moderation/log.html", page=page)


@router.get("/moderation/people")
def people_page(
    request: Request, session: Db, staff: Moderator, name: Annotated[str, cut_to(80)] = ""
) -> Response:
    page = presenters.people_page(session, staff, name.strip())
    return render(request, "moderation/people.html", page=page)


@router.get("/comments/{comment_id}/reports")
def report_page(request: Request, session: Db, user: CurrentUser, comment_id: UUID) -> Response:
    return render(request, "moderation/report.html", page=presenters.report_page(session, user, comment_id))


@router.post("/comments/{comment_id}/reports")
def report(
    request: Request,
    session: Db,
    user: CurrentUser,
    _limit: ReportLimit,
    comment_id: UUID,
    form: Submitted[ReportForm],
) -> Response:
    try:
        data = form.data()
    except Invalid as error:
        page = replace(
            presenters.report_page(session, user, comment_id), values=form.values, errors=error.fields
        )
        return render(request, "moderation/report.html", page=page, status=error.status)
    service.report(session, user, comment_id, data.reason, data.note)
    return RedirectResponse(f"/comments/{comment_id}/reports", status_code=303)


def _undecided(
    request: Request, session: Session, comment_id: UUID, form: Submission[DecisionForm], error: AppError
) -> Response:
    """The comment as it is now, with why nothing was decided; for a script, a form with an error."""
    problem = next(iter(getattr(error, "fields", {}).values()), None) or error.sentence()
    comment = states.get_comment(session, comment_id)
    item = presenters.waiting_item(session, comment, problem=problem, values=form.values)
    after = form.data().after
    if is_fragment(request):
        return render(request, "moderation/_item.html", item=item, after=after, status=Invalid.status)
    return render(request, "moderation/item.html", item=item, after=after, status=error.status)


def _back_to_queue(after: UUID | None) -> Response:
    query = "?" + urlencode({"after": after}) if after else ""
    return RedirectResponse(f"/moderation{query}", status_code=303)
