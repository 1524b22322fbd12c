"""Presenters of insight and of its tables as CSV."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from markupsafe import Markup
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.classes.models import Class
from app.classes.progress import StudentRecord, records_of
from app.classes.service import enter, lessons_of
from app.core.clock import now
from app.core.csv_text import csv_text
from app.core.i18n import gettext as _
from app.core.i18n import in_language
from app.core.permissions import ClassPermission
from app.courses.pages import LessonEntry
from app.insight import queries
from app.insight.grades import grade, rule
from app.insight.pages import InsightPage, LabRow, LessonRow, QuestionRow, Quiet
from app.quizzes.grading import correct_options, fits

QUIET_AFTER = 7
MOST_MISTAKES = 3
LONGEST_TYPED = 80


def insight_page(session: Session, user: User, class_id: UUID) -> InsightPage:
    """Raises NotFound, and Forbidden for the class's students."""
    place = enter(session, user, class_id, ClassPermission.SEE_MEMBERS)
    found = place.course_class
    students, lessons = records_of(session, found), lessons_of(session, found.course)
    return InsightPage(
        place,
        students,
        _lessons(lessons, students),
        _questions(session, found, lessons),
        _labs(session, found, lessons),
        _quiet(students),
        QUIET_AFTER,
        rule(),
    )


def progress_csv(session: Session, user: User, class_id: UUID) -> str:
    """A row a student, a column a lesson. Raises as `insight_page`."""
    place = enter(session, user, class_id, ClassPermission.SEE_MEMBERS)
    students, lessons = (
        records_of(session, place.course_class),
        lessons_of(session, place.course_class.course),
    )
    titles = [f"{entry.number} {in_language(entry.lesson.shown.title)}" for entry in lessons]
    head = [_("Name"), _("Read"), _("Done"), _("Questions"), _("Labs done"), _("Last active"), *titles]
    rows = [
        [
            each.name,
            each.read,
            each.done,
            each.questions,
            each.labs,
            each.last_at.isoformat(timespec="minutes") if each.last_at else "",
            *(_("done") if entry.is_done else _("read") if entry.is_read else "" for entry in each.entries),
        ]
        for each in students
    ]
    return csv_text([head, *rows])


def questions_csv(session: Session, user: User, class_id: UUID) -> str:
    """A row a question, the hardest first. Raises as `insight_page`."""
    place = enter(session, user, class_id, ClassPermission.SEE_MEMBERS)
    found = place.course_class
    head = [_("Lesson"), _("Question"), _("Answered"), _("Wrong at first"), _("Most frequent mistake")]
    rows = [
        [
            row.lesson.number,
            _plain(row.prompt),
            row.asked,
            row.wrong,
            _plain(row.mistakes[0][0]) if row.mistakes else "",
        ]
        for row in _questions(session, found, lessons_of(session, found.course))
    ]
    return csv_text([head, *rows])


def grades_csv(session: Session, user: User, class_id: UUID) -> str:
    """The rule in words stands below the table. Raises NotFound, and Forbidden for all but the class's lecturers."""
    place = enter(session, user, class_id, ClassPermission.RUN)
    rows = [[each.name, grade(each.entries)] for each in records_of(session, place.course_class)]
    return csv_text([[_("Name"), _("Grade")], *rows, [], [rule()]])


def _lessons(lessons: Sequence[LessonEntry], students: Sequence[StudentRecord]) -> list[LessonRow]:
    read, finished = Counter[UUID](), Counter[UUID]()
    for student in students:
        read.update(entry.lesson.id for entry in student.entries if entry.is_read)
        finished.update(entry.lesson.id for entry in student.entries if entry.is_done)
    return [LessonRow(entry, read[entry.lesson.id], finished[entry.lesson.id]) for entry in lessons]


def _questions(session: Session, found: Class, lessons: Sequence[LessonEntry]) -> list[QuestionRow]:
    """Of those that are asked today and somebody has answered; the highest rate of errors first."""
    asked, wrong = Counter[tuple[UUID, str]](), defaultdict[tuple[UUID, str], list[dict[str, Any]]](list)
    for lesson_id, key, answer, score in queries.first_answers(session, found.id, found.course_id):
        asked[lesson_id, key] += 1
        if score < 1:
            wrong[lesson_id, key].append(answer)
    quizzes = queries.questions_of(session, found.course_id)
    rows = [
        QuestionRow(
            entry,
            key,
            question["prompt_html"],
            asked[place],
            len(wrong[place]),
            _mistakes(question, wrong[place]),
        )
        for entry in lessons
        for key in entry.lesson.shown.question_keys
        if asked[place := (entry.lesson.id, key)]
        and (question := quizzes.get(entry.lesson.id, {}).get(key)) is not None
    ]
    return sorted(rows, key=lambda row: (-row.rate, -row.asked, row.lesson.number))


def _mistakes(
    question: Mapping[str, Any], answers: Iterable[Mapping[str, Any]]
) -> list[tuple[Mapping[str, str] | str, int]]:
    """The most frequent ones: wrong options that were chosen, or what was typed. Answers to an earlier wording are left out."""
    answers = [answer for answer in answers if fits(question, answer)]
    if question["kind"] in {"single", "multiple"}:
        right = correct_options(question)
        chosen = Counter(number for answer in answers for number in answer["chosen"] if number not in right)
        return [
            (question["options"][number]["text_html"], count)
            for number, count in chosen.most_common(MOST_MISTAKES)
        ]
    typed = Counter(str(answer["text"]).strip()[:LONGEST_TYPED] for answer in answers if "text" in answer)
    return [(text, count) for text, count in typed.most_common(MOST_MISTAKES) if text]


def _labs(session: Session, found: Class, lessons: Sequence[LessonEntry]) -> list[LabRow]:
    tried = queries.labs_tried(session, found.id, found.course_id)
    return [
        LabRow(entry, key, lab, *tried.get((entry.lesson.id, key), (0, 0)))
        for entry in lessons
        for key, lab in entry.lesson.shown.labs.items()
    ]


def _quiet(students: Sequence[StudentRecord]) -> list[Quiet]:
    """Who has done nothing in the course for QUIET_AFTER days: first who has not begun, then the longest silence."""
    moment = now()
    quiet = [
        Quiet(each.user_id, each.name, (moment - each.last_at).days if each.last_at else None)
        for each in students
        if each.last_at is None or moment - each.last_at >= timedelta(days=QUIET_AFTER)
    ]
    return sorted(quiet, key=lambda each: (each.days is not None, -(each.days or 0), each.name))


def _plain(words: Mapping[str, str] | str) -> str:
    return words if isinstance(words, str) else Markup(in_language(words)).striptags()
