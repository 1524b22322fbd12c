"""Presenters of the pages between runs."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import cast
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.names import public_name
from app.core.config import get_settings
from app.core.errors import NotFound
from app.jobs.comparison import presenters as comparison
from app.jobs.curves import small_curve
from app.jobs.models import Job
from app.jobs.service import get_job
from app.recipes.recipe import all_recipes
from app.runs import links, queries
from app.runs.pages import (
    Cursor,
    DeletionPage,
    GalleryPage,
    LinkPage,
    RunFilter,
    RunRow,
    RunsPage,
    SharedPage,
    Sort,
)
from app.web.fields import moment_from

RUNS_PER_PAGE = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def runs_page(session: Session, user: User, wanted: RunFilter, after: str) -> RunsPage:
    """Raises NotFound for an invalid place in the list."""
    recipes, text = all_recipes(), wanted.text.lower()
    named = [
        slug
        for slug, recipe in recipes.items()
        if any(text in title.lower() for title in recipe.title.written.values())
    ]
    found = queries.runs_of(
        session, user.id, wanted, named, _cursor(wanted.sort, after) if after else None, RUNS_PER_PAGE + 1
    )
    shown = found[:RUNS_PER_PAGE]
    rows = _rows(session, shown)
    further = ""
    if len(found) > len(shown):
        address = wanted.address()
        further = f"{address}{'&' if '?' in address else '?'}after={_place(wanted.sort, shown[-1])}"
    return RunsPage(
        rows, wanted, recipes, queries.lessons_trained_in(session, user.id), further, is_first=not after
    )


def _rows(session: Session, jobs: Sequence[Job]) -> list[RunRow]:
    recipes, losses = all_recipes(), queries.losses(session, [job.id for job in jobs])
    return [
        RunRow(
            job,
            recipes.get(job.recipe),
            small_curve(losses.get(job.id, []), int(job.hyperparameters.get("epochs", 0))),
        )
        for job in jobs
    ]


def gallery_page(session: Session, recipe: str, after: str) -> GalleryPage:
    """Raises NotFound for an invalid place in the list."""
    cursor = _cursor(Sort.NEWEST, after) if after else None
    found = queries.shared_runs(session, recipe, cursor, RUNS_PER_PAGE + 1)
    shown, further = found[:RUNS_PER_PAGE], ""
    if len(found) > len(shown):
        moment = cast(datetime, shown[-1].shared_at)
        further = "/gallery?" + urlencode(
            {"recipe": recipe, "after": f"{_microseconds(moment)}~{shown[-1].id.hex}"}
        )
    rows = [(row, public_name(row.job.user)) for row in _rows(session, shown)]
    return GalleryPage(rows, all_recipes(), recipe, further, is_first=not after)


def link_page(session: Session, user: User, job_id: UUID, token: str = "") -> LinkPage:
    """Raises NotFound."""
    job = get_job(session, user, job_id)
    link = links.link_of(session, job)
    address = f"{get_settings().public_url}/shared/{token}" if token else ""
    return LinkPage(job, all_recipes().get(job.recipe), link.created_at if link else None, address)


def shared_page(session: Session, token: str) -> SharedPage:
    """Raises NotFound."""
    job = links.linked_job(session, token)
    settings, metrics, plots = comparison.alone(session, job)
    return SharedPage(job, all_recipes().get(job.recipe), settings, metrics, plots)


def deletion_page(session: Session, user: User, job_id: UUID) -> DeletionPage:
    """Raises NotFound."""
    job = get_job(session, user, job_id)
    return DeletionPage(job, all_recipes().get(job.recipe))


def _place(sort: Sort, job: Job) -> str:
    """As in an address: microseconds since 1970, or the accuracy, then the id."""
    if sort == Sort.BEST:
        return f"{job.test_accuracy!r}~{job.id.hex}"
    return f"{_microseconds(job.created_at)}~{job.id.hex}"


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _cursor(sort: Sort, text: str) -> Cursor:
    value, _tilde, identity = text.partition("~")
    try:
        place = _accuracy(value) if sort == Sort.BEST else moment_from(value)
        return place, UUID(identity)
    except ValueError:
        raise NotFound from None


def _accuracy(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise ValueError("an accuracy is between 0 and 1")
    return value
