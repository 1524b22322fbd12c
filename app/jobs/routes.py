from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from app.accounts.dependencies import CurrentUser, MaybeUser, for_everyone, user_rate_limit
from app.accounts.service import user_for_token
from app.core.db import session_scope
from app.core.errors import Invalid, NotFound
from app.core.i18n import N_
from app.core.live.entries import is_stream_id
from app.core.live.hub import event_stream
from app.jobs import presenters, queries, service, sharing
from app.jobs.models import Job
from app.jobs.own_parts import recipe_part, recipe_words
from app.jobs.pages import ClonePage, fit_line_plot
from app.jobs.result.confusion import confusion_matrix
from app.jobs.stream import stream_key
from app.labs.forms import read_guess, read_setting, read_settings
from app.labs.pages import LabForm, lab_form
from app.labs.service import offered_recipe
from app.recipes.recipe import Recipe
from app.web import slots
from app.web.dependencies import Db
from app.web.fields import Place, Word
from app.web.forms import MarkForm, Submitted, posted_fields
from app.web.fragments import is_fragment
from app.web.security.cookies import session_cookie_name
from app.web.security.guests import guest_key
from app.web.templating import render

router = APIRouter(prefix="/jobs")
sharing_limit = [Depends(user_rate_limit("sharing", "30/minute"))]
cancel_limit = [Depends(user_rate_limit("cancel", "60/minute"))]

FileName = Annotated[str, Path(pattern=r"^[\w.-]{1,80}$")]
Fields = Annotated[dict[str, str], Depends(posted_fields)]
submit_limit = Depends(user_rate_limit("submit", "30/minute"))
MEDIA_TYPES = {
    ".keras": "application/octet-stream",
    ".tflite": "application/octet-stream",
    ".ipynb": "application/x-ipynb+json",
    ".json": "application/json",
}


@router.get("/{job_id}")
def job_page(request: Request, session: Db, user: MaybeUser, job_id: UUID) -> Response:
    job = service.get_watched_job(session, user, guest_key(request), job_id)
    page = presenters.job_page(session, job, user)
    response = render(
        request,
        "jobs/page.html",
        page=page,
        matrix=confusion_matrix(page.report or {}),
        fit_lines=fit_line_plot,
        recipe_part=recipe_part,
        recipe_words=recipe_words,
        beside=slots.beside_job(request, session, job, user),
        below=slots.below_job(request, session, job, user),
    )
    if page.recipe and page.recipe.try_out and page.recipe.try_out.has_camera:
        response.headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()"
    return response


@router.get("/{job_id}/status")
def job_status(request: Request, session: Db, user: MaybeUser, job_id: UUID) -> Response:
    job = service.get_watched_job(session, user, guest_key(request), job_id)
    done = queries.epoch_counts(session, [job.id]).get(job.id, 0)
    return render(request, "jobs/_status.html", status_line=presenters.status_line(session, job, done))


@router.get("/{job_id}/lab")
def lab_view(request: Request, session: Db, user: CurrentUser, job_id: UUID) -> Response:
    """One's own job where its lab stands in its lesson, for the script there; with the list of what one has trained in it."""
    job = service.get_job(session, user, job_id)
    if not is_fragment(request):
        return RedirectResponse(f"/jobs/{job_id}", status_code=303)
    return render(
        request,
        "jobs/lab.html",
        page=presenters.job_page(session, job, user),
        runs=presenters.runs_beside(session, job),
        recipe_part=recipe_part,
        recipe_words=recipe_words,
    )


@router.get("/{job_id}/events", dependencies=[for_everyone])
async def job_events(request: Request, job_id: UUID, after: Place = "0-0") -> Response:
    """Server-sent events; a reconnecting browser sends its position as Last-Event-ID."""
    await request.app.state.admission.run(_check_reader, request, job_id)
    after = request.headers.get("last-event-id") or after
    start = after if is_stream_id(after) else "0-0"
    session = request.cookies.get(session_cookie_name())
    hub = request.app.state.event_hub
    return event_stream(
        hub.follow(stream_key(job_id), start, partial(presenters.stored_events, job_id), session)
    )


@router.post("/{job_id}/cancellation", dependencies=cancel_limit)
def cancel(request: Request, session: Db, user: CurrentUser, job_id: UUID) -> Response:
    service.request_cancellation(session, user, job_id)
    if is_fragment(request):
        return render(request, "jobs/_stopping.html")
    return RedirectResponse(f"/jobs/{job_id}", status_code=303)


@router.get("/{job_id}/clone")
def clone_page(
    request: Request, session: Db, user: CurrentUser, job_id: UUID, setting: Word = "", value: Word = ""
) -> Response:
    """The job's settings, one of them changed if the address says so."""
    job = service.get_readable_job(session, user, job_id)
    changed = read_setting(_recipe_of(job), setting, value)
    form = _clone_form(job, values={**job.hyperparameters, **changed})
    return render(request, "jobs/clone.html", page=ClonePage(job, form))


@router.post("/{job_id}/clones", dependencies=[submit_limit])
def clone(request: Request, session: Db, user: CurrentUser, job_id: UUID, fields: Fields) -> Response:
    job = service.get_readable_job(session, user, job_id)
    try:
        recipe = _recipe_of(job)
        asked = read_settings(recipe, fields), read_guess(fields)
        new = service.submit_job(
            session, user, recipe, *asked, lesson_id=job.lesson_id, lab=job.lab, cloned_from=job
        )
    except Invalid as error:
        form = _clone_form(job, typed=fields, errors=error.fields)
        return render(request, "jobs/clone.html", page=ClonePage(job, form), status=error.status)
    return RedirectResponse(f"/jobs/{new.id}", status_code=303)


@router.get("/{job_id}/files/{name}", dependencies=[for_everyone])
async def job_file(request: Request, job_id: UUID, name: FileName) -> Response:
    key = await request.app.state.admission.run(_file_key, request, job_id, name)
    content = await request.app.state.files.fetch(key) if key else None
    if content is None:
        raise NotFound
    suffix = name[name.rfind(".") :]
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, max-age=31536000, immutable",
    }
    return Response(content, media_type=MEDIA_TYPES.get(suffix, "application/octet-stream"), headers=headers)


def _recipe_of(job: Job) -> Recipe:
    recipe = offered_recipe(job.recipe, job.lab)
    if recipe is None:
        raise NotFound(N_("This training's recipe is no longer offered."))
    return recipe


def _clone_form(job: Job, **filled: Any) -> LabForm:
    return lab_form(_recipe_of(job), job.lab, f"/jobs/{job.id}/clones", **filled)


def _check_reader(request: Request, job_id: UUID) -> None:
    """The session is closed before the stream starts: a watched job holds no connection."""
    with session_scope(writes=False) as session:
        _watched(request, session, job_id)


def _file_key(request: Request, job_id: UUID, name: str) -> str | None:
    """The session is closed before the file is fetched: a slow store holds no connection."""
    with session_scope(writes=False) as session:
        artefact = queries.artefact(session, _watched(request, session, job_id), name)
        return artefact.key if artefact else None


def _watched(request: Request, session: Session, job_id: UUID) -> Job:
    token = request.cookies.get(session_cookie_name())
    request.state.user = user = user_for_token(session, token) if token else None
    return service.get_watched_job(session, user, guest_key(request), job_id)


Mark = Submitted[MarkForm]


@router.post("/{job_id}/sharing", dependencies=sharing_limit)
def share_job(session: Db, user: CurrentUser, job_id: UUID, form: Mark) -> Response:
    sharing.share(session, user, job_id, on=form.data().on)
    return RedirectResponse(f"/jobs/{job_id}#sharing", status_code=303)
