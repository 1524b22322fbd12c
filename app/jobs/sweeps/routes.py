from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from app.accounts.dependencies import CurrentUser, user_rate_limit
from app.jobs.sweeps import presenters, service
from app.web.dependencies import Db
from app.web.fragments import is_fragment
from app.web.templating import render

router = APIRouter(prefix="/sweeps")
cancel_limit = [Depends(user_rate_limit("cancel", "60/minute"))]


@router.get("/{sweep_id}")
def sweep_page(request: Request, session: Db, user: CurrentUser, sweep_id: UUID) -> Response:
    """And its parts that change while it trains, for the page's script."""
    template = "sweeps/_live.html" if is_fragment(request) else "sweeps/page.html"
    return render(request, template, page=presenters.sweep_page(session, user, sweep_id))


@router.post("/{sweep_id}/cancellation", dependencies=cancel_limit)
def cancel(session: Db, user: CurrentUser, sweep_id: UUID) -> Response:
    service.cancel_sweep(session, user, sweep_id)
    return RedirectResponse(f"/sweeps/{sweep_id}", status_code=303)
