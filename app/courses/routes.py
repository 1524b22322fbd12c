import re
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from app import storage
from app.accounts.dependencies import CurrentUser, Db, MaybeUser, user_rate_limit
from app.courses import queries, service
from app.courses.pages import HomePage
from app.errors import Invalid, NotFound
from app.forms import posted_fields
from app.jobs.recipes import all_recipes
from app.jobs.service import submit_job
from app.templating import render
from app.text import Slug

router = APIRouter()

Fields = Annotated[dict[str, str], Depends(posted_fields)]
PICTURE_NAME = re.compile(r"^[0-9a-f]{32}\.(svg|png|jpe?g|webp|gif)$")
PICTURE_TYPES = {"svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp", "gif": "image/gif"}


@router.get("/")
def home(request: Request, session: Db, user: MaybeUser) -> Response:
    page = HomePage([service.course_page(session, course, user) for course in queries.courses(session)])
    return render(request, "home/page.html", page=page)


@router.get("/courses/{course}")
def course_page(request: Request, session: Db, user: MaybeUser, course: Slug) -> Response:
    page = service.course_page(session, service.get_course(session, course), user)
    return render(request, "courses/page.html", page=page)


@router.get("/courses/{course}/lessons/{slug}")
def lesson_page(request: Request, session: Db, user: MaybeUser, course: Slug, slug: Slug) -> Response:
    page = service.lesson_page(session, service.get_lesson(session, course, slug), user)
    return render(request, "courses/lesson.html", page=page)


@router.get("/lessons/{lesson_id}")
def lesson_by_id(session: Db, lesson_id: UUID) -> Response:
    """A lasting address of a lesson, whatever its course calls it."""
    lesson = queries.lesson_by_id(session, lesson_id)
    if lesson is None:
        raise NotFound
    return RedirectResponse(service.lesson_address(lesson.course, lesson), status_code=303)


@router.post("/courses/{course}/lessons/{slug}/reading")
def mark_as_read(session: Db, user: CurrentUser, course: Slug, slug: Slug) -> Response:
    lesson = service.get_lesson(session, course, slug)
    service.mark_as_read(session, user, lesson)
    return RedirectResponse(service.lesson_address(lesson.course, lesson) + "#end", status_code=303)


@router.post("/courses/{course}/lessons/{slug}/labs/{key}/jobs", dependencies=[Depends(user_rate_limit("submit", "30/minute"))])
def start_lab(request: Request, session: Db, user: CurrentUser, course: Slug, slug: Slug, key: Slug, fields: Fields) -> Response:
    lesson = service.get_lesson(session, course, slug)
    lab = lesson.published.labs.get(key)
    if lab is None:
        raise NotFound
    try:
        job = submit_job(session, user, all_recipes()[lab["recipe"]], fields, lesson_id=lesson.id, lab=lab)
    except Invalid as error:
        page = service.lesson_page(session, lesson, user, faulty_lab=key, typed=fields, errors=error.fields)
        return render(request, "courses/lesson.html", page=page, status=error.status)
    return RedirectResponse(f"/jobs/{job.id}", status_code=303)


@router.get("/pictures/{name}")
def picture(name: str) -> Response:
    """A lesson's picture, named by the hash of its content."""
    match = PICTURE_NAME.match(name)
    content = storage.read(f"pictures/{name}") if match else None
    if content is None or match is None:
        raise NotFound
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
    return Response(content, media_type=PICTURE_TYPES[match[1]], headers=headers)
