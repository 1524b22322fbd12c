import re
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from app.accounts.dependencies import CurrentUser, MaybeUser, for_everyone, reader_rate_limit, user_rate_limit
from app.accounts.models import User
from app.core.db import sent_form
from app.core.errors import Conflict, Invalid, NotFound
from app.core.i18n import N_
from app.core.text import Slug
from app.courses import answers, outline, presenters, queries, service
from app.courses.forms import PlaceForm
from app.courses.home import home_page
from app.courses.models import Course, Lesson, LessonRevision, Module
from app.courses.pages import LessonPage
from app.courses.passages import passage_address
from app.courses.stamps import LESSON_ADDRESS, lesson_stamp
from app.courses.trials import trial_address
from app.jobs.guests import start_trial
from app.jobs.service import submit_job
from app.jobs.sweeps.forms import read_axes
from app.jobs.sweeps.service import submit_sweep
from app.jobs.verdict.run import Kind
from app.labs.forms import read_guess, read_settings
from app.labs.service import offered_recipe
from app.quizzes.forms import read_answer
from app.recipes.recipe import Recipe
from app.web import slots
from app.web.dependencies import Db
from app.web.fields import Word
from app.web.forms import Submitted, posted_fields
from app.web.fragments import is_fragment
from app.web.kept_pages.visitors import also_shown, for_every_visitor, for_this_reader
from app.web.security.guests import guest_key, key_of, known_or_new_guest, set_guest_cookie
from app.web.security.rate_limit import rate_limit, site_rate_limit
from app.web.templating import render

router = APIRouter()
also_shown(Course, Module, Lesson, LessonRevision)
# Cached pages of readers, by route pattern.
KEPT = {LESSON_ADDRESS: lesson_stamp}
# A page sends its reading position, some seconds apart, in each open tab.
place_limit = [Depends(user_rate_limit("place", "240/minute"))]
reading_limit = [Depends(user_rate_limit("reading", "120/minute"))]

Fields = Annotated[dict[str, str], Depends(posted_fields)]
PICTURE_NAME = re.compile(r"^[0-9a-f]{32}\.(svg|png|jpe?g|webp|gif)$")
PICTURE_TYPES = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
}

NO_COOKIE = N_("Your browser keeps no cookie of this site; without one we would not know this training as yours. Allow cookies, or sign up.")  # fmt: skip

answer_limit = [Depends(reader_rate_limit("answer", "120/minute"))]


@router.get("/")
def home(request: Request, session: Db, user: MaybeUser) -> Response:
    for_every_visitor(request)
    return render(
        request,
        "home/page.html",
        page=home_page(session, user),
        today=slots.today(request, session, None, user),
        news=slots.news(request, session, None, user),
    )


@router.get("/courses/{course}")
def course_page(request: Request, session: Db, user: MaybeUser, course: Slug) -> Response:
    for_every_visitor(request)
    page = outline.course_page(session, service.get_course(session, course), user)
    return render(request, "courses/page.html", page=page)


@router.get("/courses/{course}/lessons/{slug}")
def lesson_page(request: Request, session: Db, user: MaybeUser, course: Slug, slug: Slug) -> Response:
    for_every_visitor(request)
    for_this_reader(request)
    opened = service.open_lesson(session, course, slug, user)
    return _lesson(request, session, user, presenters.lesson_page(session, opened, user))


@router.get("/lessons/{lesson_id}", dependencies=[for_everyone])
def lesson_by_id(session: Db, lesson_id: UUID) -> Response:
    """A lesson's permanent address, whatever its slug."""
    lesson = queries.lesson_by_id(session, lesson_id)
    if lesson is None:
        raise NotFound
    return RedirectResponse(service.lesson_address(lesson.course, lesson), status_code=303)


@router.get("/verdicts/{kind}", dependencies=[for_everyone])
def verdict_passage(session: Db, kind: Word, lesson: UUID | None = None) -> Response:
    """The passage of a lesson that explains the verdict on a training, of this lesson if it has one."""
    if kind not in set(Kind):
        raise NotFound
    return RedirectResponse(passage_address(session, Kind(kind), lesson), status_code=303)


@router.get("/lessons/{lesson_id}/next", dependencies=[for_everyone])
def lesson_after(session: Db, lesson_id: UUID) -> Response:
    """Where one goes on after a lesson, from pages that do not know its course."""
    lesson = queries.lesson_by_id(session, lesson_id)
    if lesson is None:
        raise NotFound
    return RedirectResponse(service.address_after(session, lesson), status_code=303)


@router.post("/courses/{course}/lessons/{slug}/reading", dependencies=reading_limit)
def mark_as_read(request: Request, session: Db, user: CurrentUser, course: Slug, slug: Slug) -> Response:
    service.mark_as_read(session, user, service.open_lesson(session, course, slug, user).lesson)
    page = presenters.lesson_page(session, service.open_lesson(session, course, slug, user), user)
    if is_fragment(request):
        return render(request, "courses/_end.html", page=page)
    return RedirectResponse(page.address + "#end", status_code=303)


@router.post("/courses/{course}/lessons/{slug}/place", status_code=204, dependencies=place_limit)
def note_place(session: Db, user: CurrentUser, course: Slug, slug: Slug, form: Submitted[PlaceForm]) -> None:
    place = form.data()
    service.note_place(
        session, user, service.open_lesson(session, course, slug, user).lesson, place.anchor, place.fraction
    )


@router.post("/courses/{course}/lessons/{slug}/questions/{key}/attempts", dependencies=answer_limit)
def answer_question(
    request: Request, session: Db, user: MaybeUser, course: Slug, slug: Slug, key: Slug, fields: Fields
) -> Response:
    opened = service.open_lesson(session, course, slug, user)
    asked = answers.asked(session, opened, user, key)
    try:
        question = answers.answer_question(session, opened, user, asked, read_answer(asked, fields))
    except Invalid as error:
        typed = fields.get("answer", "")
        question = answers.refused(session, opened, user, asked, error.fields["answer"], typed)
    page = presenters.lesson_page(session, opened, user, question=question)
    if user and not question.error and not is_fragment(request):
        return RedirectResponse(f"{page.address}#question-{key}", status_code=303)
    status = 422 if question.error else 200
    if is_fragment(request):
        return render(request, "quizzes/_answered.html", page=page, question=question, status=status)
    return _lesson(request, session, user, page, status)


@router.post(
    "/courses/{course}/lessons/{slug}/labs/{key}/jobs",
    dependencies=[Depends(user_rate_limit("submit", "30/minute"))],
)
def start_lab(
    request: Request, session: Db, user: CurrentUser, course: Slug, slug: Slug, key: Slug, fields: Fields
) -> Response:
    opened, lab, recipe = _offered_lab(session, user, course, slug, key)
    try:
        asked = read_settings(recipe, fields), read_guess(fields)
        job = submit_job(session, user, recipe, *asked, lesson_id=opened.lesson.id, lab=lab)
    except Invalid as error:
        if is_fragment(request):
            place = presenters.lab_view(session, opened, user, key, typed=fields, errors=error.fields)
            return render(request, "labs/work.html", place=place, status=error.status)
        page = presenters.lesson_page(
            session, opened, user, faulty_lab=key, typed=fields, errors=error.fields
        )
        return _lesson(request, session, user, page, error.status)
    if is_fragment(request):
        place = presenters.lab_view(session, opened, user, key)
        return render(request, "labs/work.html", place=place)
    return RedirectResponse(f"/jobs/{job.id}", status_code=303)


@router.post(
    "/courses/{course}/lessons/{slug}/labs/{key}/sweeps",
    dependencies=[Depends(user_rate_limit("submit", "30/minute"))],
)
def start_sweep(
    request: Request, session: Db, user: CurrentUser, course: Slug, slug: Slug, key: Slug, fields: Fields
) -> Response:
    opened, lab, recipe = _offered_lab(session, user, course, slug, key)
    try:
        asked = read_settings(recipe, fields), read_axes(fields), read_guess(fields)
        sweep = submit_sweep(session, user, recipe, *asked, lesson_id=opened.lesson.id, lab=lab)
    except Invalid as error:
        if is_fragment(request):
            place = presenters.lab_view(session, opened, user, key, typed=fields, errors=error.fields)
            return render(request, "labs/work.html", place=place, status=error.status)
        page = presenters.lesson_page(
            session, opened, user, faulty_lab=key, typed=fields, errors=error.fields
        )
        return _lesson(request, session, user, page, error.status)
    return RedirectResponse(f"/sweeps/{sweep.id}", status_code=303)


@router.post(
    "/courses/{course}/lessons/{slug}/labs/{key}/trials",
    dependencies=[
        Depends(rate_limit("trial", "60/hour")),
        Depends(site_rate_limit("trials", "300/hour")),
    ],
)
def try_lab(
    request: Request,
    session: Db,
    user: MaybeUser,
    course: Slug,
    slug: Slug,
    key: Slug,
    once_more: bool = False,
) -> Response:
    """A visitor trains the first lab once, as it stands; whoever has an account goes to its form.

    Without JavaScript a form has no key: three clicks before the first answer would be three visitors. Such a browser is given
    its cookie first and asked to send the form once more.
    """
    opened = service.open_lesson(session, course, slug, user)
    address = service.lesson_address(opened.lesson.course, opened.lesson)
    if user is not None:
        return RedirectResponse(f"{address}#lab-{key}", status_code=303)
    labs = service.edition_of(session, opened).labs
    if opened.previous is not None or key not in labs or not trial_address(address, labs, key):
        raise NotFound(N_("This lab is no longer offered."))
    sending = sent_form(session)
    guest = known_or_new_guest(request, sending)
    if sending is None and guest_key(request) is None:
        if once_more:
            raise Conflict(NO_COOKIE)
        again = RedirectResponse(f"{request.url.path}?once_more=true", status_code=307)
        set_guest_cookie(again, guest)
        return again
    job_id = start_trial(session, key_of(guest), opened.lesson.id, labs[key])
    response = RedirectResponse(f"/jobs/{job_id}", status_code=303)
    set_guest_cookie(response, guest)
    return response


@router.get("/pictures/{name}", dependencies=[for_everyone])
async def picture(request: Request, name: Word) -> Response:
    """A lesson's picture, named by the hash of its content."""
    match = PICTURE_NAME.match(name)
    content = await request.app.state.files.fetch(f"pictures/{name}") if match else None
    if content is None or match is None:
        raise NotFound
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    }
    return Response(content, media_type=PICTURE_TYPES[match[1]], headers=headers)


def _offered_lab(
    session: Session, user: User, course: str, slug: str, key: str
) -> tuple[queries.OpenLesson, Mapping[str, Any], Recipe]:
    """Raises NotFound for a lab that does not exist or can no longer be trained."""
    opened = service.open_lesson(session, course, slug, user)
    lab = service.edition_of(session, opened).labs.get(key)
    if lab is None:
        raise NotFound
    recipe = offered_recipe(lab["recipe"], lab)
    if recipe is None:
        raise NotFound(N_("This lab is no longer offered."))
    return opened, lab, recipe


def _lesson(
    request: Request, session: Session, user: User | None, page: LessonPage, status: int = 200
) -> Response:
    below = slots.below_lesson(request, session, page.lesson, user)
    return render(request, "courses/lesson.html", page=page, below=below, status=status)
