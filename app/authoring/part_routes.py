"""The forms for a draft's questions and labs. Lecturers and admins only."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from app.accounts.dependencies import Db, StaffUser
from app.authoring import parts
from app.authoring.drafts import get_lesson
from app.authoring.pages import LabPage, PartPage, QuestionPage
from app.errors import Invalid, NotFound
from app.forms import posted_fields
from app.jobs.recipes import all_recipes
from app.templating import render

router = APIRouter(prefix="/authoring/lessons/{lesson_id}")

Fields = Annotated[dict[str, str], Depends(posted_fields)]


@router.get("/new-question")
def new_question(
    request: Request, session: Db, _user: StaffUser, lesson_id: UUID, kind: str = "single"
) -> Response:
    return _page(request, session, lesson_id, "question", None, {"kind": kind})


@router.get("/questions/{key}")
def question(request: Request, session: Db, _user: StaffUser, lesson_id: UUID, key: str) -> Response:
    part = parts.find(session, lesson_id, "question", key)
    return _page(request, session, lesson_id, "question", key, part.fields | {"was": part.was})


@router.post("/questions")
def add_question(request: Request, session: Db, user: StaffUser, lesson_id: UUID, fields: Fields) -> Response:
    try:
        parts.save(session, user, lesson_id, "question", None, fields)
    except Invalid as error:
        return _page(request, session, lesson_id, "question", None, fields, error)
    return _back(lesson_id)


@router.post("/questions/{key}")
def save_question(
    request: Request, session: Db, user: StaffUser, lesson_id: UUID, key: str, fields: Fields
) -> Response:
    try:
        parts.save(session, user, lesson_id, "question", key, {**fields, "key": key})
    except Invalid as error:
        return _page(request, session, lesson_id, "question", key, fields, error)
    return _back(lesson_id)


@router.post("/questions/{key}/removal")
def remove_question(session: Db, user: StaffUser, lesson_id: UUID, key: str) -> Response:
    parts.remove(session, user, lesson_id, "question", key)
    return _back(lesson_id)


@router.get("/new-lab")
def new_lab(request: Request, session: Db, _user: StaffUser, lesson_id: UUID, recipe: str = "") -> Response:
    return _page(request, session, lesson_id, "lab", None, {"recipe": recipe})


@router.get("/labs/{key}")
def lab(request: Request, session: Db, _user: StaffUser, lesson_id: UUID, key: str) -> Response:
    part = parts.find(session, lesson_id, "lab", key)
    return _page(request, session, lesson_id, "lab", key, part.fields | {"was": part.was})


@router.post("/labs")
def add_lab(request: Request, session: Db, user: StaffUser, lesson_id: UUID, fields: Fields) -> Response:
    try:
        parts.save(session, user, lesson_id, "lab", None, fields)
    except Invalid as error:
        return _page(request, session, lesson_id, "lab", None, fields, error)
    return _back(lesson_id)


@router.post("/labs/{key}")
def save_lab(
    request: Request, session: Db, user: StaffUser, lesson_id: UUID, key: str, fields: Fields
) -> Response:
    try:
        parts.save(session, user, lesson_id, "lab", key, {**fields, "key": key})
    except Invalid as error:
        return _page(request, session, lesson_id, "lab", key, fields, error)
    return _back(lesson_id)


@router.post("/labs/{key}/removal")
def remove_lab(session: Db, user: StaffUser, lesson_id: UUID, key: str) -> Response:
    parts.remove(session, user, lesson_id, "lab", key)
    return _back(lesson_id)


def _page(
    request: Request,
    session: Session,
    lesson_id: UUID,
    kind: parts.Kind,
    key: str | None,
    values: Mapping[str, str],
    error: Invalid | None = None,
) -> Response:
    lesson, errors = get_lesson(session, lesson_id), error.fields if error else {}
    page: PartPage
    if kind == "question":
        if values.get("kind") not in {"single", "multiple", "number", "order", "code"}:
            raise NotFound
        page = QuestionPage(lesson, key, values, errors)
    else:
        page = LabPage(
            lesson, key, values, errors, all_recipes().get(values.get("recipe", "")), all_recipes()
        )
    return render(request, f"authoring/{kind}.html", page=page, status=error.status if error else 200)


def _back(lesson_id: UUID) -> Response:
    return RedirectResponse(f"/authoring/lessons/{lesson_id}#editor-parts", status_code=303)
