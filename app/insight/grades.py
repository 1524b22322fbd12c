"""A grade out of 100, by a rule that fits into three sentences."""

from collections.abc import Sequence

from app.core.i18n import gettext as _
from app.courses.pages import LessonEntry

READ, QUESTIONS, LABS = 30, 40, 30


def rule() -> str:
    return _(
        "Of 100 points, {read} are for the lessons read to their end, {questions} for the questions answered correctly, however many "
        "tries that took, and {labs} for the labs whose goal was reached; each in proportion. A kind that the course does not have "
        "gives its points to the others. Due dates count for nothing."
    ).format(read=READ, questions=QUESTIONS, labs=LABS)


def grade(lessons: Sequence[LessonEntry]) -> float:
    """0 to 100, with one decimal."""
    kinds = (
        (READ, sum(entry.is_read for entry in lessons), len(lessons)),
        (
            QUESTIONS,
            sum(entry.questions_done for entry in lessons),
            sum(entry.questions for entry in lessons),
        ),
        (LABS, sum(entry.labs_done for entry in lessons), sum(entry.labs for entry in lessons)),
    )
    there = [(weight, done, total) for weight, done, total in kinds if total]
    points = sum(weight * done / total for weight, done, total in there)
    return round(100 * points / sum(weight for weight, _done, _total in there), 1) if there else 0.0
