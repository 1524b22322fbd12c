from typing import Annotated

from fastapi import APIRouter, Request, Response

from app.accounts.dependencies import MaybeUser
from app.core.text import Slug
from app.guide import presenters
from app.web.dependencies import Db
from app.web.fields import cut_to
from app.web.kept_pages.visitors import for_every_visitor
from app.web.templating import render

router = APIRouter(prefix="/courses/{course}")


@router.get("/terms")
def glossary(
    request: Request, session: Db, user: MaybeUser, course: Slug, q: Annotated[str, cut_to(100)] = ""
) -> Response:
    for_every_visitor(request)
    page = presenters.glossary_page(session, course, user, q)
    return render(request, "guide/glossary.html", page=page)


@router.get("/map")
def knowledge_map(
    request: Request, session: Db, user: MaybeUser, course: Slug, lesson: Slug | None = None
) -> Response:
    """The lessons and what each needs; with `lesson`, the way to that one."""
    for_every_visitor(request)
    page = presenters.map_page(session, course, user, lesson)
    return render(request, "guide/map.html", page=page)
