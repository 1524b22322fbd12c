"""The curve of a lab: everybody's finished trainings over the setting that matters, of those who agree."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.classes.models import Class
from app.classes.service import change_own, join
from app.core import db
from app.core.clock import now
from app.courses.models import Course, Lesson, LessonRevision
from app.jobs.models import Job
from app.runs import class_curve
from app.runs.consent import count_run, let_count
from app.runs.models import CurvePoint
from tests.factories import make_job, make_user
from tests.integration.jobs.test_job_pages import REPORT, finished
from tests.integration.statements import cost

pytestmark = pytest.mark.usefixtures("in_english")

CURVE = "/courses/tiny/lessons/00-start/labs/digits/curve"


@pytest.fixture
def lesson(session: Session, course: Course) -> Lesson:
    return session.scalars(select(Lesson).where(Lesson.slug == "00-start")).one()


def trained(
    session: Session, user: User, lesson: Lesson, epochs: int, accuracy: float | None, **values: Any
) -> Job:
    lab = session.scalars(
        select(LessonRevision.labs).where(LessonRevision.id == lesson.published_revision_id)
    ).one()["digits"]
    report = {**REPORT, "metrics": {**REPORT["metrics"], "test_accuracy": accuracy}}
    of_lab = {"lesson_id": lesson.id, "lab_key": "digits", "lab": lab, "hyperparameters": {"epochs": epochs}}
    job = finished(session, user, report=report, **of_lab, **values)
    count_run(session, job)
    return job


def agreeing(session: Session) -> User:
    user = make_user(session)
    user.shares_results = True
    session.flush()
    return user


def points() -> int:
    with db.session_scope(writes=False) as session:
        return session.scalar(select(func.count()).select_from(CurvePoint)) or 0


def test_it_is_shown_from_five_people_on_who_agree_with_ones_own_marked(
    client: TestClient, session: Session, student: User, lesson: Lesson
) -> None:
    people = [agreeing(session) for _ in range(4)]
    for number, user in enumerate(people):
        for epochs in (1, 2):
            trained(session, user, lesson, epochs, 0.9 + number / 100)
    trained(session, make_user(session), lesson, 7, 0.5)
    own = trained(session, student, lesson, 3, 0.97)
    session.commit()
    page = client.get(CURVE).text
    assert "As soon as five people" in page and "class-curve-point" not in page
    assert (
        client.post("/settings/results", data={"on": "true", "next": "//evil.example"}).headers["location"]
        == "/"
    )
    page = client.get(CURVE, headers={"X-Fragment": "1"}).text
    assert page.count("class-curve-point") == 8 and page.count("class-curve-own") == 1
    assert "5 people" in page and "97.0%" in page and "50.0%" not in page
    assert (
        "<html" not in page and str(own.id) not in page and not any(str(user.id) in page for user in people)
    )


def test_who_takes_it_back_or_deletes_a_training_or_the_account_is_out_at_once(
    client: TestClient, session: Session, student: User, lesson: Lesson
) -> None:
    leaving, deleting = agreeing(session), agreeing(session)
    trained(session, leaving, lesson, 1, 0.9)
    gone = trained(session, deleting, lesson, 1, 0.9)
    trained(session, student, lesson, 1, 0.9)
    session.commit()
    for on, count in (("true", 3), ("true", 3), ("false", 2), ("false", 2)):
        client.post("/settings/results", data={"on": on})
        assert points() == count
    session.delete(session.get_one(User, leaving.id))
    session.delete(session.get_one(Job, gone.id))
    session.commit()
    assert points() == 0
    trained(session, student, lesson, 1, 0.9)
    session.commit()
    assert points() == 0


def test_classmates_trainings_count_inside_their_class_and_nowhere_else(
    client: TestClient, session: Session, student: User, lesson: Lesson
) -> None:
    """By default, for each other, until one of them leaves or says no."""
    day = now().date()
    found = Class(course_id=lesson.course_id, title="Monday", starts_on=day, ends_on=day, code="ABCDEFGH")
    session.add(found)
    session.flush()
    mates = [make_user(session) for _ in range(5)]
    for number, user in enumerate(mates):
        trained(session, user, lesson, 1, 0.9 + number / 100)
    trained(session, student, lesson, 2, 0.97)
    for user in mates:
        join(session, user, "abcd-efgh")
    session.commit()
    assert points() == 5
    assert "As soon as five people" in client.get(CURVE).text, "who is not in the class sees none of it"
    client.post("/classes/joining", data={"key": "ABCDEFGH"})
    page = client.get(CURVE).text
    assert page.count("class-curve-point") == 5 and page.count("class-curve-own") == 1
    with db.session_scope() as other:
        for user, act in zip(mates, ("leave", "not-count"), strict=False):
            change_own(other, other.get_one(User, user.id), found.id, act)
    assert "As soon as five people" in client.get(CURVE).text
    assert points() == 4


def test_a_few_classmates_do_not_stand_out_among_those_who_agreed(
    client: TestClient, session: Session, student: User, lesson: Lesson
) -> None:
    day = now().date()
    found = Class(course_id=lesson.course_id, title="Monday", starts_on=day, ends_on=day, code="ABCDEFGH")
    session.add(found)
    for number, user in enumerate([agreeing(session) for _ in range(5)]):
        trained(session, user, lesson, 1, 0.9 + number / 100)
    mate = make_user(session)
    trained(session, mate, lesson, 7, 0.5)
    for user in (student, mate):
        join(session, user, "abcd-efgh")
    session.commit()
    page = client.get(CURVE).text
    assert page.count("class-curve-point") == 5 and "50.0%" not in page


def test_what_has_no_result_is_no_point(session: Session, lesson: Lesson) -> None:
    user = agreeing(session)
    job = trained(session, user, lesson, 1, None)
    count_run(session, make_job(session, user, state="failed", lesson_id=lesson.id, lab=job.lab))
    count_run(session, finished(session, user))
    session.commit()
    assert points() == 0
    let_count(session, user, on=True)
    session.commit()
    assert points() == 0


def test_a_hundred_times_more_trainings_cost_no_more(
    client: TestClient, session: Session, student: User, lesson: Lesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(class_curve, "MOST_POINTS", 20)
    for _ in range(5):
        trained(session, agreeing(session), lesson, 1, 0.9)
    session.commit()
    before = cost(client, CURVE)
    user = agreeing(session)
    jobs = [make_job(session, user, turn=0) for _ in range(60)]
    session.execute(
        insert(CurvePoint),
        [
            {
                "job_id": job.id, "user_id": user.id, "lesson_id": lesson.id, "lab_key": "digits", "setting": "epochs",
                "metric": "test_accuracy", "value": str(number % 9), "result": 0.9, "finished_at": now(),
            }
            for number, job in enumerate(jobs)
        ],
    )  # fmt: skip
    session.commit()
    assert cost(client, CURVE) <= before
    # One person's last twenty trainings are not everybody's curve.
    assert client.get(CURVE).text.count("class-curve-point") == 0


@pytest.mark.parametrize("metric", ["recall", "baseline_accuracy", "initial_loss"])
def test_a_metric_of_a_recipes_own_has_a_curve_too(
    client: TestClient, session: Session, student: User, lesson: Lesson, metric: str
) -> None:
    revision = session.get_one(LessonRevision, lesson.published_revision_id)
    digits = revision.labs["digits"] | {"curve": {"setting": "epochs", "metric": metric}}
    revision.labs = {**revision.labs, "digits": digits}
    session.commit()
    assert "As soon as five people" in client.get(CURVE).text
    for number in range(5):
        session.add(
            CurvePoint(
                job_id=make_job(session, user := agreeing(session)).id, user_id=user.id, lesson_id=lesson.id, lab_key="digits",
                setting="epochs", metric=metric, value="of before" if number == 4 else "2", result=0.5,
            )
        )  # fmt: skip
    session.commit()
    assert client.get(CURVE).text.count("class-curve-point") == 4


def test_a_lab_that_does_not_exist_has_none(client: TestClient, student: User, lesson: Lesson) -> None:
    assert client.get(CURVE.replace("digits", "none")).status_code == 404
