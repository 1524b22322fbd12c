"""Presenters of a lesson's page."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.courses import queries
from app.courses.editions import Edition
from app.courses.models import Course, Lesson
from app.courses.pages import Completion, LabView, LastPosition, LessonPage, Neighbour, as_number
from app.courses.queries import OpenLesson
from app.courses.service import edition_of, editions_around, lesson_address, shuffle_for
from app.courses.trials import trial_address
from app.jobs import queries as job_queries
from app.jobs.lab_runs import lab_runs, run_points
from app.labs.curves import curve_axes
from app.labs.pages import lab_form
from app.labs.service import offered_recipe
from app.quizzes import queries as quiz_queries
from app.quizzes.pages import QuestionView
from app.quizzes.service import question_views
from app.web.assets import has_figure


def lesson_page(
    session: Session,
    opened: OpenLesson,
    user: User | None,
    *,
    faulty_lab: str | None = None,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    question: QuestionView | None = None,
) -> LessonPage:
    """A lesson for its reader. After an invalid lab form, that lab shows the input and its errors; `question` replaces its own entry."""
    lesson, found = opened.lesson, editions_around(session, opened)
    read = found[lesson.shown_id]
    rendering = read.rendering[read.written_in]
    is_first = user is None and opened.previous is None
    labs = _labs(session, lesson, read, user, {"key": faulty_lab, "typed": typed, "errors": errors}, is_first)
    questions = questions_of(session, lesson, read, user)
    if question:
        questions[question.key] = question
    return LessonPage(
        course=lesson.course,
        lesson=lesson,
        number=as_number(opened.number),
        address=lesson_address(lesson.course, lesson),
        revision=read,
        segments=rendering["segments"],
        contents=rendering["contents"],
        terms=rendering["terms"],
        labs=labs,
        questions=questions,
        previous=_neighbour(lesson.course, opened.previous, found),
        next=_neighbour(lesson.course, opened.next, found),
        place=_old_place(opened, rendering["contents"]),
        completion=Completion(opened.read_at is not None, list(questions.values()), list(labs.values())),
        figures=figures_in(rendering["segments"]),
        language=read.written_in,
    )


def figures_in(segments: Sequence[Mapping[str, Any]]) -> list[str]:
    """The interactive figures of a text; one whose script is gone is left out."""
    names = {segment["figure"] for segment in segments if "figure" in segment}
    return sorted(filter(has_figure, names))


def questions_of(
    session: Session, lesson: Lesson, read: Edition, user: User | None
) -> dict[str, QuestionView]:
    """The lesson's questions with the reader's latest answers."""
    standings = quiz_queries.standings(session, user.id, lesson.id) if user and read.question_keys else {}
    return question_views(
        read.quiz,
        read.question_keys,
        lesson_address(lesson.course, lesson),
        shuffle_for(lesson, user),
        standings,
    )


def lab_view(
    session: Session,
    opened: OpenLesson,
    user: User,
    key: str,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> LabView:
    """One lab of a lesson, for the script that has sent its form."""
    read = edition_of(session, opened)
    return _labs(session, opened.lesson, read, user, {"key": key, "typed": typed, "errors": errors}, False)[
        key
    ]


def _labs(
    session: Session,
    lesson: Lesson,
    read: Edition,
    user: User | None,
    faulty: Mapping[str, Any],
    may_be_tried: bool,
) -> dict[str, LabView]:
    jobs = job_queries.jobs_of_labs(session, user.id, lesson.id) if user and read.labs else []
    address = lesson_address(lesson.course, lesson)
    places = {}
    for key, lab in read.labs.items():
        filled = {"typed": faulty["typed"], "errors": faulty["errors"]} if key == faulty["key"] else {}
        own = [each for each in jobs if each[0].lab_key == key]
        recipe = offered_recipe(lab["recipe"], lab)
        here = f"{address}/labs/{key}"
        form = (
            lab_form(recipe, lab, f"{here}/jobs", sweep_action=f"{here}/sweeps", **filled) if recipe else None
        )
        trial = trial_address(address, read.labs, key) if may_be_tried else ""
        curve = f"{address}/labs/{key}/curve" if user and recipe and curve_axes(lab, recipe) else ""
        is_done = any(job.goal_reached_at for job, _loss in own)
        places[key] = LabView(
            lab, form, lab_runs(own, recipe), is_done, run_points(own, recipe), trial, curve
        )
    return places


def _neighbour(
    course: Course, beside: queries.Neighbour | None, found: Mapping[UUID, Edition]
) -> Neighbour | None:
    return Neighbour(lesson_address(course, beside), found[beside.revision_id].title) if beside else None


def _old_place(opened: OpenLesson, contents: Sequence[Mapping[str, Any]]) -> LastPosition | None:
    """None at the first lines, or if the heading is gone since."""
    if opened.place is None:
        return None
    anchor, fraction = opened.place
    titles = {entry["anchor"]: entry["title"] for entry in contents}
    return LastPosition(anchor, titles[anchor], fraction) if anchor in titles else None
