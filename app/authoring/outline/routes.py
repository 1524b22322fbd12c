"""Routes for the order of courses, new lessons, titles. Lecturers and admins only."""

from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from app.accounts.dependencies import StaffUser, user_rate_limit
from app.authoring import presenters
from app.authoring.forms import (
    CourseForm,
    CoursePlaceForm,
    CourseStateForm,
    DescriptionForm,
    DirectionForm,
    ModuleChoiceForm,
    ModuleForm,
    NewCourseForm,
    NewLessonForm,
    TitleForm,
)
from app.authoring.outline import deleted, descriptions, moves, shelf
from app.authoring.outline import service as outline
from app.authoring.pages import TitlesPage
from app.core.errors import Invalid
from app.core.i18n import LANGUAGES
from app.core.i18n import gettext as _
from app.web.dependencies import Db
from app.web.forms import Submitted
from app.web.templating import render

router = APIRouter(prefix="/authoring")
outline_limit = [Depends(user_rate_limit("outline", "120/minute"))]

Direction = Submitted[DirectionForm]


@router.get("")
def courses_page(request: Request, session: Db, _user: StaffUser) -> Response:
    return render(
        request, "authoring/courses.html", page=presenters.courses_page(session, deleted.lately(session))
    )


@router.get("/descriptions")
def descriptions_page(request: Request, session: Db, _user: StaffUser) -> Response:
    """The pictures of all lessons that still need a description for blind readers."""
    page = descriptions.descriptions_page(session)
    return render(request, "authoring/descriptions.html", page=page)


@router.post("/lessons/{lesson_id}/descriptions", dependencies=outline_limit)
def describe_picture(
    request: Request, session: Db, user: StaffUser, lesson_id: UUID, form: Submitted[DescriptionForm]
) -> Response:
    data = form.data()
    try:
        descriptions.describe(
            session,
            user,
            lesson_id,
            data.file,
            data.number,
            data.source,
            data.words,
            publishes=data.act == "publish",
        )
    except Invalid as error:
        page = descriptions.descriptions_page(session, data.words, error.fields["words"])
        return render(request, "authoring/descriptions.html", page=page, status=error.status)
    return RedirectResponse("/authoring/descriptions#next", status_code=303)


@router.post("/modules/{module_id}/place", dependencies=outline_limit)
def move_module(session: Db, user: StaffUser, module_id: UUID, form: Direction) -> Response:
    outline.move_module(session, user, module_id, form.data().direction)
    return _back(f"#module-{module_id}")


@router.post("/lessons/{lesson_id}/place", dependencies=outline_limit)
def move_lesson(session: Db, user: StaffUser, lesson_id: UUID, form: Direction) -> Response:
    outline.move_lesson(session, user, lesson_id, form.data().direction)
    return _back(f"#lesson-{lesson_id}")


@router.post("/lessons/{lesson_id}/module", dependencies=outline_limit)
def put_into_module(
    session: Db, user: StaffUser, lesson_id: UUID, form: Submitted[ModuleChoiceForm]
) -> Response:
    outline.put_into_module(session, user, lesson_id, form.data().module)
    return _back(f"#lesson-{lesson_id}")


@router.post("/lessons/{lesson_id}/removal", dependencies=outline_limit)
def remove_lesson(session: Db, user: StaffUser, lesson_id: UUID) -> Response:
    moves.remove_lesson(session, user, lesson_id)
    return _back()


@router.post("/lessons/{lesson_id}/removal/undoing", dependencies=outline_limit)
def bring_back(session: Db, user: StaffUser, lesson_id: UUID) -> Response:
    """A lesson that was deleted, as a draft."""
    return _back(f"#lesson-{deleted.bring_back(session, user, lesson_id)}")


@router.post("/modules/{module_id}/removal", dependencies=outline_limit)
def remove_module(session: Db, user: StaffUser, module_id: UUID) -> Response:
    outline.remove_module(session, user, module_id)
    return _back()


@router.get("/courses/new")
def new_course_page(request: Request, _user: StaffUser) -> Response:
    return _form(request, "new-course", None, {})


@router.post("/courses", dependencies=outline_limit)
def new_course(request: Request, session: Db, user: StaffUser, form: Submitted[NewCourseForm]) -> Response:
    try:
        data = form.data()
        shelf.new_course(session, user, data.slug, data.title, data.summary)
    except Invalid as error:
        return _form(request, "new-course", None, form.values, error)
    return _back()


@router.post("/courses/{course_id}/place", dependencies=outline_limit)
def move_course(session: Db, user: StaffUser, course_id: UUID, form: Submitted[CoursePlaceForm]) -> Response:
    shelf.move_course(session, user, course_id, form.data().direction)
    return _back(f"#course-{course_id}")


@router.post("/courses/{course_id}/state", dependencies=outline_limit)
def set_course_state(
    session: Db, user: StaffUser, course_id: UUID, form: Submitted[CourseStateForm]
) -> Response:
    shelf.set_state(session, user, course_id, form.data().state)
    return _back(f"#course-{course_id}")


@router.get("/courses/{course_id}/titles")
def course_titles(request: Request, session: Db, _user: StaffUser, course_id: UUID) -> Response:
    course = outline.get_course(session, course_id)
    values = {
        f"{name}_{language}": texts.get(language, "")
        for name, texts in (("title", course.title), ("summary", course.summary))
        for language in LANGUAGES
    }
    return _form(request, "course", course_id, values)


@router.post("/courses/{course_id}/titles", dependencies=outline_limit)
def rename_course(
    request: Request, session: Db, user: StaffUser, course_id: UUID, form: Submitted[CourseForm]
) -> Response:
    try:
        data = form.data()
        outline.rename_course(session, user, course_id, data.title, data.summary)
    except Invalid as error:
        return _form(request, "course", course_id, form.values, error)
    return _back()


@router.get("/modules/{module_id}/titles")
def module_titles(request: Request, session: Db, _user: StaffUser, module_id: UUID) -> Response:
    module = outline.get_module(session, module_id)
    values = {f"title_{language}": module.title.get(language, "") for language in LANGUAGES}
    return _form(request, "module", module_id, values)


@router.post("/modules/{module_id}/titles", dependencies=outline_limit)
def rename_module(
    request: Request, session: Db, user: StaffUser, module_id: UUID, form: Submitted[TitleForm]
) -> Response:
    try:
        outline.rename_module(session, user, module_id, form.data().title)
    except Invalid as error:
        return _form(request, "module", module_id, form.values, error)
    return _back(f"#module-{module_id}")


@router.get("/courses/{course_id}/modules/new")
def new_module_page(request: Request, session: Db, _user: StaffUser, course_id: UUID) -> Response:
    outline.get_course(session, course_id)
    return _form(request, "new-module", course_id, {})


@router.post("/courses/{course_id}/modules", dependencies=outline_limit)
def new_module(
    request: Request, session: Db, user: StaffUser, course_id: UUID, form: Submitted[ModuleForm]
) -> Response:
    try:
        data = form.data()
        module = outline.new_module(session, user, course_id, data.slug, data.title)
        session.flush()
    except Invalid as error:
        return _form(request, "new-module", course_id, form.values, error)
    return _back(f"#module-{module.id}")


@router.get("/modules/{module_id}/lessons/new")
def new_lesson_page(request: Request, session: Db, _user: StaffUser, module_id: UUID) -> Response:
    outline.get_module(session, module_id)
    return _form(request, "new-lesson", module_id, {})


@router.post("/modules/{module_id}/lessons", dependencies=outline_limit)
def new_lesson(
    request: Request, session: Db, user: StaffUser, module_id: UUID, form: Submitted[NewLessonForm]
) -> Response:
    try:
        data = form.data()
        lesson = outline.new_lesson(session, user, module_id, data.slug, data.title, data.question)
    except Invalid as error:
        return _form(request, "new-lesson", module_id, form.values, error)
    return RedirectResponse(f"/authoring/lessons/{lesson.id}", status_code=303)


def _form(
    request: Request, kind: str, owner: UUID | None, values: Mapping[str, str], error: Invalid | None = None
) -> Response:
    heading, action = {
        "new-course": (_("New course"), "/authoring/courses"),
        "course": (_("Course title"), f"/authoring/courses/{owner}/titles"),
        "module": (_("Module title"), f"/authoring/modules/{owner}/titles"),
        "new-module": (_("New module"), f"/authoring/courses/{owner}/modules"),
        "new-lesson": (_("New lesson"), f"/authoring/modules/{owner}/lessons"),
    }[kind]
    page = TitlesPage(kind, heading, action, values, error.fields if error else {})
    return render(request, "authoring/titles.html", page=page, status=error.status if error else 200)


def _back(anchor: str = "") -> Response:
    return RedirectResponse(f"/authoring{anchor}", status_code=303)
