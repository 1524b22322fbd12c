"""The forms for a draft's questions and labs. Lecturers and admins only."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from app.accounts.dependencies import StaffUser, user_rate_limit
from app.authoring.drafts import get_lesson
from app.authoring.forms import AboutForm, chosen
from app.authoring.pages import LabPage, PartPage, QuestionPage, TermPage
from app.authoring.parts import about
from app.authoring.parts import service as parts
from app.authoring.parts.forms import read_part
from app.core.errors import Invalid, NotFound
from app.recipes.recipe import all_recipes
from app.web.dependencies import Db
from app.web.fields import Word
from app.web.forms import Submitted, posted_fields
from app.web.templating import render

router = APIRouter(prefix="/authoring/lessons/{lesson_id}")
part_limit = [Depends(user_rate_limit("part", "120/minute"))]

Fields = Annotated[dict[str, str], Depends(posted_fields)]


@router.get("/about")
def about_page(request: Request, session: Db, _user: StaffUser, lesson_id: UUID) -> Response:
    """What lesson.toml says of the lesson as a whole, as a form."""
    return render(request, "authoring/about.html", page=about.about_page(session, lesson_id))


@router.post("/about", dependencies=part_limit)
def save_about(
    request: Request, session: Db, user: StaffUser, lesson_id: UUID, form: Submitted[AboutForm]
) -> Response:
    try:
        data = form.data()
        written = about.About(data.title, data.question, data.minutes)
        if data.has_needs:
            written = replace(written, needs=chosen(form.values, "need"))
        if data.has_figures:
            written = replace(written, figures=chosen(form.values, "figure"))
        about.save_about(session, user, lesson_id, data.version, written)
    except Invalid as error:
        page = about.about_page(session, lesson_id, form.values, error)
        return render(request, "authoring/about.html", page=page, status=error.status)
    return _back(lesson_id)


@router.get("/new-{part}")
def new_part(
    request: Request,
    session: Db,
    _user: StaffUser,
    lesson_id: UUID,
    part: parts.Kind,
    kind: Word = "single",
    recipe: Word = "",
) -> Response:
    """An empty form: for a question of that kind, or for a lab with that recipe."""
    return _page(request, session, lesson_id, part, None, {"kind": kind, "recipe": recipe})


@router.get("/{part}s/{key}")
def part_page(
    request: Request, session: Db, _user: StaffUser, lesson_id: UUID, part: parts.Kind, key: Word
) -> Response:
    found = parts.find(session, lesson_id, part, key)
    return _page(request, session, lesson_id, part, key, found.fields | {"was": found.was})


@router.post("/{part}s", dependencies=part_limit)
def add_part(
    request: Request, session: Db, user: StaffUser, lesson_id: UUID, part: parts.Kind, fields: Fields
) -> Response:
    try:
        source = read_part(part, fields)
        parts.save(session, user, lesson_id, part, None, source, is_placed=bool(fields.get("place")))
    except Invalid as error:
        return _page(request, session, lesson_id, part, None, fields, error)
    return _back(lesson_id)


@router.post("/{part}s/{key}", dependencies=part_limit)
def save_part(
    request: Request,
    session: Db,
    user: StaffUser,
    lesson_id: UUID,
    part: parts.Kind,
    key: Word,
    fields: Fields,
) -> Response:
    try:
        source = read_part(part, {**fields, "key": key})
        parts.save(session, user, lesson_id, part, key, source, was=fields.get("was", ""))
    except Invalid as error:
        return _page(request, session, lesson_id, part, key, fields, error)
    return _back(lesson_id)


@router.post("/{part}s/{key}/removal", dependencies=part_limit)
def remove_part(session: Db, user: StaffUser, lesson_id: UUID, part: parts.Kind, key: Word) -> Response:
    parts.remove(session, user, lesson_id, part, key)
    return _back(lesson_id, "editor-undo")


def _page(
    request: Request,
    session: Session,
    lesson_id: UUID,
    part: parts.Kind,
    key: str | None,
    values: Mapping[str, str],
    error: Invalid | None = None,
) -> Response:
    lesson, errors = get_lesson(session, lesson_id), error.fields if error else {}
    page: PartPage
    if part == "question":
        if values.get("kind") not in {"single", "multiple", "number", "order", "code"}:
            raise NotFound
        page = QuestionPage(lesson, key, values, errors)
    elif part == "term":
        page = TermPage(lesson, key, values, errors)
    else:
        page = LabPage(
            lesson, key, values, errors, all_recipes().get(values.get("recipe", "")), all_recipes()
        )
    return render(request, f"authoring/{part}.html", page=page, status=error.status if error else 200)


def _back(lesson_id: UUID, anchor: str = "editor-parts") -> Response:
    return RedirectResponse(f"/authoring/lessons/{lesson_id}#{anchor}", status_code=303)
