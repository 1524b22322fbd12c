"""Routes of the data sets: what there is to train on, where it comes from, and what it looks like."""

from fastapi import APIRouter, Request, Response

from app.accounts.dependencies import MaybeUser, for_everyone
from app.core.text import Slug
from app.datasets import presenters
from app.web.dependencies import Db
from app.web.templating import render

router = APIRouter(prefix="/datasets")
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}


@router.get("")
def datasets_page(request: Request, session: Db, user: MaybeUser) -> Response:
    return render(request, "datasets/list.html", page=presenters.datasets_page())


@router.get("/{slug}")
def dataset_page(request: Request, session: Db, user: MaybeUser, slug: Slug) -> Response:
    return render(request, "datasets/page.html", page=presenters.dataset_page(slug))


@router.get("/{slug}/samples.png", dependencies=[for_everyone])
async def samples(slug: Slug) -> Response:
    """Some of its pictures; the address contains their digest."""
    return Response(presenters.samples_picture(slug), media_type="image/png", headers=FOR_EVER)
