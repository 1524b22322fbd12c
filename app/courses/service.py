"""Reading a lesson as its reader sees it. Nothing here commits."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app import signals
from app.accounts.models import User
from app.clock import now
from app.courses import queries
from app.courses.editions import Edition, editions
from app.courses.models import Course, Lesson, LessonReading, ReadingPlace
from app.courses.pages import Completion, LabPlace, LessonPage, Neighbour, OldPlace
from app.courses.queries import OpenLesson
from app.db import adds_row, insert
from app.errors import NotFound
from app.i18n import current_language
from app.jobs import queries as job_queries
from app.jobs.pages import lab_form
from app.jobs.recipes import all_recipes
from app.quizzes import queries as quiz_queries
from app.quizzes.pages import QuestionPlace, Shuffle
from app.quizzes.service import question_places


def get_course(session: Session, slug: str) -> Course:
    course = queries.course_by_slug(session, slug)
    if course is None:
        raise NotFound
    return course


def get_lesson(session: Session, course_slug: str, lesson_slug: str) -> Lesson:
    """The lesson with its course and its published revision."""
    lesson = queries.published_lesson(session, course_slug, lesson_slug)
    if lesson is None:
        raise NotFound
    return lesson


def open_lesson(session: Session, course_slug: str, lesson_slug: str, user: User | None) -> OpenLesson:
    """The lesson as its reader finds it, for `lesson_page`."""
    opened = queries.open_lesson(session, course_slug, lesson_slug, user.id if user else None)
    if opened is None:
        raise NotFound
    return opened


def edition_of(session: Session, opened: OpenLesson) -> Edition:
    return _editions(session, opened)[opened.lesson.published_revision_id]


def _editions(session: Session, opened: OpenLesson) -> dict[UUID, Edition]:
    """Of the lesson, and of those beside it: their titles are shown, and they are likely to be read next."""
    beside = [neighbour.revision_id for neighbour in (opened.previous, opened.next) if neighbour]
    return editions(
        session, dict.fromkeys(beside) | {opened.lesson.published_revision_id: opened.rendered_with}
    )


def lesson_page(
    session: Session,
    opened: OpenLesson,
    user: User | None,
    *,
    faulty_lab: str | None = None,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    question: QuestionPlace | None = None,
) -> LessonPage:
    """A lesson for its reader. After a faulty lab form, that lab shows what was typed and what is wrong; `question` stands for its own."""
    lesson, found = opened.lesson, _editions(session, opened)
    read = found[lesson.published_revision_id]
    rendering = read.rendering[current_language.get()]
    labs = _labs(session, lesson, read, user, {"key": faulty_lab, "typed": typed, "errors": errors})
    questions = questions_of(session, lesson, read, user)
    if question:
        questions[question.key] = question
    return LessonPage(
        course=lesson.course,
        lesson=lesson,
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
        figures=sorted({segment["figure"] for segment in rendering["segments"] if "figure" in segment}),
    )


def questions_of(
    session: Session, lesson: Lesson, read: Edition, user: User | None
) -> dict[str, QuestionPlace]:
    """The lesson's questions with the reader's latest answers."""
    standings = quiz_queries.standings(session, user.id, lesson.id) if user and read.question_keys else {}
    return question_places(
        read.quiz,
        read.question_keys,
        lesson_address(lesson.course, lesson),
        shuffle_for(lesson, user),
        standings,
    )


def shuffle_for(lesson: Lesson, user: User | None) -> Shuffle:
    return Shuffle(str(lesson.id), str(user.id)) if user else Shuffle(str(lesson.id))


def mark_as_read(session: Session, user: User, lesson: Lesson) -> None:
    """Harmless when repeated, also at the same moment."""
    statement = insert(session, LessonReading).values(user_id=user.id, lesson_id=lesson.id, read_at=now())
    if adds_row(session, statement.on_conflict_do_nothing()):
        signals.lesson_finished.send(session, user_id=user.id, lesson_id=lesson.id)


def note_place(session: Session, user: User, lesson: Lesson, anchor: str, fraction: float) -> None:
    """Remember where the reader is in a lesson; the latest place counts, from whichever device."""
    statement = insert(session, ReadingPlace).values(
        user_id=user.id, lesson_id=lesson.id, anchor=anchor, fraction=fraction, noted_at=now()
    )
    renewed = {name: statement.excluded[name] for name in ("anchor", "fraction", "noted_at")}
    session.execute(statement.on_conflict_do_update(index_elements=["user_id", "lesson_id"], set_=renewed))


def lesson_address(course: Course, lesson: Lesson | queries.Neighbour) -> str:
    return lesson_path(course.slug, lesson.slug)


def lesson_path(course_slug: str, lesson_slug: str) -> str:
    return f"/courses/{course_slug}/lessons/{lesson_slug}"


def _labs(
    session: Session, lesson: Lesson, read: Edition, user: User | None, faulty: Mapping[str, Any]
) -> dict[str, LabPlace]:
    jobs = job_queries.jobs_of_labs(session, user.id, lesson.id) if user and read.labs else []
    address = lesson_address(lesson.course, lesson)
    places = {}
    for key, lab in read.labs.items():
        filled = {"typed": faulty["typed"], "errors": faulty["errors"]} if key == faulty["key"] else {}
        own = [job for job in jobs if job.lab_key == key]
        form = lab_form(all_recipes()[lab["recipe"]], lab, f"{address}/labs/{key}/jobs", **filled)
        places[key] = LabPlace(lab, form, own[:5], any(job.goal_reached_at for job in own))
    return places


def _neighbour(
    course: Course, beside: queries.Neighbour | None, found: Mapping[UUID, Edition]
) -> Neighbour | None:
    return Neighbour(lesson_address(course, beside), found[beside.revision_id].title) if beside else None


def _old_place(opened: OpenLesson, contents: Sequence[Mapping[str, Any]]) -> OldPlace | None:
    """Nothing to offer at the first lines, nor where the heading has gone since."""
    if opened.place is None:
        return None
    anchor, fraction = opened.place
    titles = {entry["anchor"]: entry["title"] for entry in contents}
    return OldPlace(anchor, titles[anchor], fraction) if anchor in titles else None
