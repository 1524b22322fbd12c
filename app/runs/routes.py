from typing import Annotated
from uuid import UUID

from annotated_types import MaxLen
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse
from pydantic import BeforeValidator

from app.accounts.dependencies import CurrentUser, Reader, for_everyone, user_rate_limit
from app.accounts.models import User
from app.core.db import session_scope
from app.core.text import Slug
from app.runs import archive, links, presenters, service
from app.runs.class_curve import lab_curve
from app.runs.consent import let_count
from app.runs.forms import ConsentForm, WordsForm
from app.runs.pages import RunFilter, Sort
from app.web.dependencies import Db
from app.web.fields import Place, Token, Word
from app.web.forms import MarkForm, Submitted
from app.web.fragments import is_fragment
from app.web.redirects import safe_target
from app.web.security.rate_limit import rate_limit
from app.web.templating import render

router = APIRouter()
limit = [Depends(user_rate_limit("runs", "120/minute"))]

SearchedText = Annotated[str, MaxLen(100)]
# A filter that chooses nothing is an empty field of its form.
ChosenLesson = Annotated[UUID | None, BeforeValidator(lambda text: text or None)]


@router.get("/jobs")
def runs_page(
    request: Request,
    session: Db,
    user: CurrentUser,
    q: SearchedText = "",
    recipe: Word = "",
    lesson: ChosenLesson = None,
    state: Word = "",
    tag: Word = "",
    archived: bool = False,
    sort: Sort = Sort.NEWEST,
    after: Place = "",
) -> Response:
    wanted = RunFilter(q.strip(), recipe, lesson, state, tag, archived, sort)
    return render(request, "runs/list.html", page=presenters.runs_page(session, user, wanted, after))


@router.post("/jobs/{job_id}/words", dependencies=limit)
def describe(session: Db, user: CurrentUser, job_id: UUID, form: Submitted[WordsForm]) -> Response:
    words = form.data()
    service.describe(session, user, job_id, words.note, words.tags)
    return RedirectResponse(f"/jobs#run-{job_id}", status_code=303)


@router.post("/jobs/{job_id}/archiving", dependencies=limit)
def put_away(session: Db, user: CurrentUser, job_id: UUID, form: Submitted[MarkForm]) -> Response:
    on = form.data().on
    service.put_away(session, user, job_id, on=on)
    return RedirectResponse("/jobs" if on else "/jobs?archived=true", status_code=303)


@router.get("/jobs/{job_id}/deletion")
def deletion_page(request: Request, session: Db, user: CurrentUser, job_id: UUID) -> Response:
    return render(request, "runs/deletion.html", page=presenters.deletion_page(session, user, job_id))


@router.get("/jobs/{job_id}/link")
def link_page(request: Request, session: Db, user: CurrentUser, job_id: UUID) -> Response:
    return render(request, "runs/link.html", page=presenters.link_page(session, user, job_id))


@router.post("/jobs/{job_id}/link", dependencies=limit)
def make_link(request: Request, session: Db, user: CurrentUser, job_id: UUID) -> Response:
    """The page shows the new link, once: only its hash is stored."""
    token = links.make_link(session, user, job_id)
    return render(request, "runs/link.html", page=presenters.link_page(session, user, job_id, token))


@router.post("/jobs/{job_id}/link/deletion", dependencies=limit)
def revoke_link(session: Db, user: CurrentUser, job_id: UUID) -> Response:
    links.revoke_link(session, user, job_id)
    return RedirectResponse(f"/jobs/{job_id}/link", status_code=303)


@router.get("/shared/{token}", dependencies=[for_everyone, Depends(rate_limit("shared", "120/minute"))])
def shared_page(request: Request, session: Db, token: Token) -> Response:
    """For whoever has the link: to look at, and found by no search engine."""
    page = presenters.shared_page(session, token)
    headers = {"X-Robots-Tag": "noindex, nofollow", "Cache-Control": "private, no-store"}
    return render(request, "runs/shared.html", page=page, headers=headers)


@router.get("/gallery")
def gallery_page(
    request: Request, session: Db, user: CurrentUser, recipe: Word = "", after: Place = ""
) -> Response:
    return render(request, "runs/gallery.html", page=presenters.gallery_page(session, recipe, after))


@router.get(
    "/jobs/{job_id}/training.zip", dependencies=[Depends(user_rate_limit("archive", "30/minute", Reader))]
)
async def training_archive(request: Request, user: Reader, job_id: UUID) -> Response:
    """The session is closed before the first file is fetched: a slow download holds no connection."""
    state = request.app.state
    made, stored = await state.admission.run(_small_files, user, job_id)
    headers = {
        "Content-Disposition": f'attachment; filename="training-{str(job_id)[:8]}.zip"',
        "Cache-Control": "no-store",
        # It is already compressed.
        "Content-Encoding": "identity",
    }
    return StreamingResponse(
        archive.zipped(made, stored, state.files), media_type="application/zip", headers=headers
    )


def _small_files(user: User, job_id: UUID) -> tuple[dict[str, bytes], list[archive.Stored]]:
    with session_scope(writes=False) as session:
        return archive.small_files(session, user, job_id)


@router.get("/courses/{course}/lessons/{slug}/labs/{key}/curve")
def class_curve(
    request: Request, session: Db, user: CurrentUser, course: Slug, slug: Slug, key: Slug
) -> Response:
    """Below the lab, where a script puts it; and as a page."""
    found = lab_curve(session, user, course, slug, key)
    template = "runs/_class_curve.html" if is_fragment(request) else "runs/class_curve.html"
    return render(request, template, curve=found)


@router.post("/settings/results", dependencies=limit)
def let_results_count(session: Db, user: CurrentUser, form: Submitted[ConsentForm]) -> Response:
    consent = form.data()
    let_count(session, user, on=consent.on)
    return RedirectResponse(safe_target(consent.next), status_code=303)


@router.post("/jobs/{job_id}/deletion", dependencies=limit)
def delete_run(session: Db, user: CurrentUser, job_id: UUID) -> Response:
    service.delete_run(session, user, job_id)
    return RedirectResponse("/jobs", status_code=303)
