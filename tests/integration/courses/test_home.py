"""The home page: today for a reader, the shortest way to a first training for a visitor; courses in order."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.board.models import Comment
from app.core.clock import now
from app.core.db import session_scope
from app.courses.models import Course, CourseState, Lesson, LessonRevision, Module, ReadingPosition
from app.jobs.curves import small_curve
from app.jobs.models import JobEpoch, JobState
from tests.factories import make_job, make_user
from tests.integration.authoring.texts import one
from tests.integration.conftest import enter

START, NEXT = "/courses/tiny/lessons/00-start", "/courses/tiny/lessons/01-next"


def lesson_id(slug: str) -> UUID:
    return one(select(Lesson.id).where(Lesson.slug == slug))


def second_course(session: Session, slug: str = "another") -> Course:
    """A course whose slug comes first in the alphabet, with a published lesson."""
    with session_scope() as loading:
        first = loading.scalars(select(Course)).one()
        course = Course(
            slug=slug, title={"zh": "又一门", "en": "Another"}, summary=first.summary, source="", position=5
        )
        loading.add(course)
        loading.flush()
        module_id = uuid4()
        loading.add(Module(id=module_id, course_id=course.id, slug="only", title=first.title, position=0))
        lesson = Lesson(course_id=course.id, module_id=module_id, slug="co-only", position=7)
        loading.add(lesson)
        loading.flush()
        old = loading.scalars(select(LessonRevision)).first()
        columns = {c.key: getattr(old, c.key) for c in LessonRevision.__mapper__.columns}
        copy = LessonRevision(**columns | {"id": uuid4(), "lesson_id": lesson.id})
        loading.add(copy)
        loading.flush()
        lesson.published_revision_id = copy.id
        return course


def test_a_reader_goes_on_at_the_very_section(
    client: TestClient, course: Course, student: User, session: Session
) -> None:
    client.cookies.set("language", "en")
    assert f'href="{START}"' in client.get("/").text
    place = ReadingPosition(user_id=student.id, lesson_id=lesson_id("01-next"), anchor="go-on", fraction=0.5)
    session.add(place)
    session.commit()
    page = client.get("/").text
    assert f'<a class="button button-primary" href="{NEXT}#go-on">Continue reading</a>' in page
    assert "You were at: Going on" in page


def test_a_reader_sees_the_training_that_runs_with_its_curve(
    client: TestClient, course: Course, student: User, session: Session
) -> None:
    client.cookies.set("language", "en")
    soon = now() + timedelta(hours=1)
    make_job(session, student, state=JobState.QUEUED)
    job = make_job(
        session, student, state=JobState.RUNNING, lease_expires_at=soon, hyperparameters={"epochs": 4}
    )
    make_job(session, make_user(session), state=JobState.RUNNING, lease_expires_at=soon)
    for epoch, loss in ((1, 2.0), (2, 1.0)):
        session.add(
            JobEpoch(
                job_id=job.id, epoch=epoch, attempt=1, metrics={"loss": loss}, seconds=1.0, points=[],
                extra={}, checkpoint_key="-", stream_id="0-0",
            )
        )  # fmt: skip
    session.commit()
    page = client.get("/").text
    assert f'href="/jobs/{job.id}"' in page and "2 of 4 epochs" in page
    assert re.search(r'<path\s+d="M0.0 2.0L53.3 38.0"/>', page)


def test_a_reader_reads_the_newest_answer(
    client: TestClient, course: Course, student: User, session: Session
) -> None:
    asked = client.post(
        f"/threads/lesson:{lesson_id('00-start')}/comments", data={"body": "Why does it learn?"}
    )
    assert asked.status_code == 303
    enter(client, session, make_user(session, "Lin Hua", Role.LECTURER))
    answer = {"body": "It goes downhill.", "reply_to": str(one(select(Comment.id)))}
    assert client.post(f"/threads/lesson:{lesson_id('00-start')}/comments", data=answer).status_code == 303
    enter(client, session, student)
    client.cookies.set("language", "en")
    page = client.get("/").text
    assert "Lin Hua, a lecturer, answered you." in page and "It goes downhill." in page


def test_a_visitor_is_led_to_the_first_training(client: TestClient, course: Course) -> None:
    client.cookies.set("language", "en")
    page = client.get("/").text
    assert 'action="/courses/tiny/lessons/00-start/labs/digits/trials"' in page
    assert "Read digits" in page and "today-go-on" not in page


def test_the_main_course_stays_whatever_others_are_called(
    client: TestClient, course: Course, session: Session
) -> None:
    second_course(session)
    client.cookies.set("language", "en")
    page = client.get("/").text
    assert "<h1>Tiny course</h1>" in page
    assert page.index("Tiny course") < page.index('href="/courses/another"')
    with session_scope() as change:
        change.execute(update(Course).where(Course.slug == "another").values(position=-1))
    assert "<h1>Another</h1>" in client.get("/?again").text


def test_numbers_are_places_in_the_course_right_after_reordering(
    client: TestClient, course: Course, session: Session
) -> None:
    enter(client, session, make_user(session, role=Role.LECTURER))
    second_course(session)
    numbers = r'<span class="lesson-number">(\d+)</span>\s*<span class="lesson-title"><span>(\w+)</span>'
    assert re.findall(numbers, client.get("/courses/tiny").text) == [("01", "开始"), ("02", "继续")]
    moved = client.post(f"/authoring/lessons/{lesson_id('00-start')}/place", data={"direction": "down"})
    assert moved.status_code == 303
    assert re.findall(numbers, client.get("/courses/tiny").text) == [("01", "继续"), ("02", "开始")]
    assert "· 02</p>" in client.get(START).text
    assert "· 01</p>" in client.get("/courses/another/lessons/co-only").text


def test_a_hidden_course_is_found_nowhere_and_an_archived_one_is_still_read(
    client: TestClient, course: Course, session: Session
) -> None:
    second_course(session)
    for state, status in ((CourseState.ARCHIVED, 200), (CourseState.HIDDEN, 404)):
        with session_scope() as change:
            change.execute(update(Course).where(Course.slug == "another").values(state=state))
        lesson = client.get("/courses/another/lessons/co-only?again")
        assert lesson.status_code == status, state
        assert ("/courses/another" in client.get("/?again").text) == (status == 200)
        assert client.get(f"/lessons/{lesson_id('co-only')}").status_code == (303 if status == 200 else 404)
        assert client.get("/courses/another?again").status_code == status


def test_a_small_curve_leaves_out_what_is_no_number() -> None:
    assert small_curve([], 3) == small_curve([1.0], 3) == small_curve([None, float("nan")], 2) == ""
    assert small_curve([4.0, None, 2.0], 3) == "M0.0 2.0L160.0 38.0"
    assert small_curve([1.0, 1.0], 2) == "M0.0 38.0L160.0 38.0"
    assert small_curve([float(n) for n in range(500)], 500).count("L") <= 60
