"""What a class's staff see of its progress, and who else sees nothing of it."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import Role, User
from app.classes.models import ClassMember
from app.core.clock import now
from app.core.permissions import ClassRole
from app.courses.models import Lesson, LessonReading, LessonRevision
from app.courses.pages import LessonEntry
from app.insight.grades import grade
from app.quizzes.models import QuizAttempt
from tests.factories import make_job, make_user
from tests.integration.classes.conftest import School
from tests.integration.statements import cost

pytestmark = pytest.mark.usefixtures("redis")

PAGES = ("insight", "progress.csv", "questions.csv", "grades.csv")


@pytest.fixture
def lesson(school: School) -> Lesson:
    return school.session.scalars(select(Lesson).where(Lesson.slug == "00-start")).one()


def answers(school: School, lesson: Lesson, user: User, *chosen: int, score: float = 0.0) -> None:
    """To the question "largest", one after the other."""
    for minutes, option in enumerate(chosen):
        made = QuizAttempt(
            user_id=user.id,
            lesson_id=lesson.id,
            question_key="largest",
            answer={"chosen": [option]},
            score=score,
        )
        made.created_at = now() + timedelta(minutes=minutes)
        school.session.add(made)
    school.session.commit()


def rows(school: School, user: User, name: str) -> list[list[str]]:
    status, text = school.reads(user, f"{school.here}/{name}")
    assert status == 200
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_it_shows_what_was_read_and_hard_and_tried_and_who_has_gone_quiet(
    school: School,
    lesson: Lesson,
) -> None:
    ming, hao, gone = school.member("Ming"), school.member("Hao"), school.person("Gone")
    outsider = school.person("Outsider")
    for user in (ming, gone, outsider):
        school.session.add(LessonReading(user_id=user.id, lesson_id=lesson.id))
        make_job(school.session, user, lesson_id=lesson.id, lab_key="digits", goal_reached_at=now())
    correct = _is_correct(school, lesson)
    wrong, right = correct.index(False), correct.index(True)
    answers(school, lesson, ming, wrong)
    answers(school, lesson, hao, right, score=1.0)
    answers(school, lesson, hao, wrong)
    answers(school, lesson, outsider, wrong)
    table = rows(school, school.lecturer, "questions.csv")
    assert [row[2:4] for row in table[1:]] == [["2", "1"]], "the class's first answers alone"
    shown = school.reads(school.lecturer, f"{school.here}/insight")[1]
    assert "1 (50%)" in shown and "Outsider" not in shown and "Gone" not in shown
    progress = {row[0]: row for row in rows(school, school.lecturer, "progress.csv")[1:]}
    assert set(progress) == {"Ming", "Hao"} and progress["Ming"][1] == "1" and progress["Hao"][1] == "0"


def _is_correct(school: School, lesson: Lesson) -> list[bool]:
    """Of each option of "largest"."""
    revision = school.session.get_one(LessonRevision, lesson.published_revision_id)
    return [option["correct"] for option in revision.quiz["largest"]["options"]]


def test_who_did_nothing_for_a_week_is_named_to_the_staff(school: School, lesson: Lesson) -> None:
    ming, silent, _never = school.member("Ming"), school.member("Silent"), school.member("Never")
    school.session.add(LessonReading(user_id=ming.id, lesson_id=lesson.id))
    old = now() - timedelta(days=9)
    school.session.add(LessonReading(user_id=silent.id, lesson_id=lesson.id, read_at=old))
    school.session.commit()
    shown = school.reads(school.lecturer, f"{school.here}/insight")[1]
    quiet = shown.partition('id="quiet"')[2].partition("</section>")[0]
    assert quiet.index("Never") < quiet.index("Silent") and "9 days" in quiet and "Ming" not in quiet


def test_nobody_else_sees_it(school: School) -> None:
    student = school.member("Ming")
    helper = school.member("Helper", ClassRole.ASSISTANT)
    other = school.person("Another lecturer", Role.LECTURER)
    admin = school.person("The admin", Role.ADMIN)
    expected = {student: [403] * 4, helper: [200] * 3 + [403], other: [404] * 4, admin: [200] * 4}
    for person, statuses in expected.items():
        assert [school.reads(person, f"{school.here}/{page}")[0] for page in PAGES] == statuses


def test_a_removed_member_is_in_no_table(school: School) -> None:
    ming = school.member("Ming")
    school.send(school.lecturer, f"{school.here}/members/{ming.id}", act="remove")
    assert "Ming" not in str(rows(school, school.lecturer, "grades.csv"))
    assert "Ming" not in school.reads(school.lecturer, f"{school.here}/insight")[1]


def test_a_name_that_would_be_a_formula_is_none_to_a_spreadsheet(school: School) -> None:
    school.member("=HYPERLINK(1)")
    names = {
        row[0]
        for name in ("progress.csv", "grades.csv")
        for row in rows(school, school.lecturer, name)
        if row
    }
    assert "'=HYPERLINK(1)" in names and "=HYPERLINK(1)" not in names


def test_the_grade_follows_its_rule() -> None:
    def entry(**done: int | bool) -> LessonEntry:
        return LessonEntry(
            None,
            "01",
            "/",
            **{
                "is_read": False,
                "labs_done": 0,
                "labs": 0,
                "questions_done": 0,
                "questions": 0,
                "is_open": False,
            }
            | done,
        )

    assert grade([]) == 0
    assert grade([entry(is_read=True)]) == 100, (
        "a kind that the course does not have gives its points to the others"
    )
    assert grade([entry(is_read=True, questions=4, questions_done=1, labs=1)]) == 40
    assert grade([entry(questions=1, questions_done=1), entry(is_read=True, labs=2, labs_done=1)]) == 70


def test_its_cost_does_not_grow_with_the_class(school: School, lesson: Lesson) -> None:
    school.member("Ming")
    school.sits(school.lecturer)
    before = cost(school.client, f"{school.here}/insight")
    for number in range(12):
        user = make_user(school.session, f"one more {number}")
        school.session.add(ClassMember(class_id=school.found.id, user_id=user.id))
        school.session.add(LessonReading(user_id=user.id, lesson_id=lesson.id))
    school.session.commit()
    assert cost(school.client, f"{school.here}/insight") <= before
