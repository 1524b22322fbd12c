"""A draft rendered as its readers would see it."""

from app.accounts.models import User
from app.courses.editions import Edition
from app.courses.models import Lesson
from app.courses.pages import Completion, LabView, LessonPage
from app.courses.presenters import figures_in
from app.courses.service import shuffle_for
from app.labs.pages import lab_form
from app.labs.service import offered_recipe
from app.publishing.prepare import PreparedLesson
from app.quizzes.service import question_views


def preview_page(lesson: Lesson, prepared: PreparedLesson, user: User | None, number: str = "") -> LessonPage:
    """The page of `prepared` for a user with no progress in it. Its forms lead back to the preview."""
    address = f"/authoring/lessons/{lesson.id}/preview"
    shown = _edition(prepared)
    rendering = shown.rendering[shown.written_in]
    labs = {
        key: LabView(lab, lab_form(recipe, lab, f"{address}/labs/{key}/jobs") if recipe else None, [], False)
        for key, lab in shown.labs.items()
        for recipe in (offered_recipe(lab["recipe"], lab),)
    }
    questions = question_views(shown.quiz, shown.question_keys, address, shuffle_for(lesson, user), {})
    return LessonPage(
        course=lesson.course,
        lesson=lesson,
        number=number,
        address=address,
        revision=shown,
        # A text may name a lab that lesson.toml lacks so far: the check reports it, and the page omits it.
        segments=[segment for segment in rendering["segments"] if segment.get("lab", "") in {"", *labs}],
        contents=rendering["contents"],
        terms=rendering["terms"],
        labs=labs,
        questions=questions,
        previous=None,
        next=None,
        place=None,
        # As if already read: otherwise the page would report at its end that it was.
        completion=Completion(True, list(questions.values()), list(labs.values())),
        figures=figures_in(rendering["segments"]),
        language=shown.written_in,
    )


def _edition(prepared: PreparedLesson) -> Edition:
    quiz = prepared.stored_quiz()
    placed = [
        key
        for rendering in prepared.renderings.values()
        for segment in rendering.segments
        for key in segment.get("quiz", ())
    ]
    return Edition(
        title=prepared.lesson.title.model_dump(),
        question=prepared.stored_question(),
        minutes=prepared.lesson.minutes,
        labs=prepared.stored_labs(),
        quiz=quiz,
        question_keys=[key for key in dict.fromkeys(placed) if key in quiz],
        rendering=prepared.stored_rendering(),
    )
