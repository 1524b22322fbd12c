"""A reader's profile, as others see it."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board import marks, places, states
from app.board.models import Comment
from app.checkins.models import CheckIn
from app.core import db
from app.core.clock import now
from app.courses.models import Course, Lesson, LessonReading
from app.jobs import sharing as jobs_sharing
from tests.factories import make_job
from tests.integration.conftest import enter
from tests.integration.people import say
from tests.integration.statements import cost

pytestmark = pytest.mark.usefixtures("in_english")


def page_of(client: TestClient, user: User) -> str:
    answer = client.get(f"/people/{user.id}")
    assert answer.status_code == 200
    return answer.text


def feature(staff: User, row: Comment) -> None:
    with db.session_scope() as session:
        marks.feature(session, session.get_one(User, staff.id), session.get_one(Comment, row.id))


# The page


def test_a_page_shows_the_name_masked_unless_its_owner_chose_to_show_it(
    client: TestClient,
    session: Session,
    hao: User,
    ming: User,
) -> None:
    enter(client, session, ming)
    assert "*昊" in page_of(client, hao) and "小昊" not in page_of(client, hao)
    with db.session_scope() as writing:
        writing.get_one(User, hao.id).shows_name = True
    assert "小昊" in page_of(client, hao)


def test_a_lecturer_is_shown_by_name(
    client: TestClient, session: Session, ming: User, lecturer: User
) -> None:
    enter(client, session, ming)
    assert "Lecturer Lin" in page_of(client, lecturer)


def test_a_page_shows_days_lessons_featured_comments_and_shared_trainings(
    client: TestClient,
    session: Session,
    course: Course,
    hao: User,
    ming: User,
    lecturer: User,
) -> None:
    plain, best = say(hao, "an ordinary remark"), say(hao, "the remark that all should read")
    feature(lecturer, best)
    with db.session_scope() as writing:
        lesson = writing.scalars(select(Lesson).order_by(Lesson.position)).first()
        writing.add(LessonReading(user_id=hao.id, lesson_id=lesson.id))
        today = now().date()
        for back in (3, 4):
            writing.add(
                CheckIn(
                    user_id=hao.id,
                    local_date=today - timedelta(days=back),
                    zone="Asia/Shanghai",
                    kind="real",
                    source="quiz",
                )
            )
        own = make_job(writing, hao)
        shared = make_job(writing, hao, shared_at=now())
    enter(client, session, ming)
    text = page_of(client, hao)
    assert f"/comments/{best.id}" in text and f"/comments/{plain.id}" not in text
    assert f"/jobs/{shared.id}" in text and f"/jobs/{own.id}" not in text
    assert f"/courses/tiny/lessons/{lesson.slug}" in text
    assert re.search(r"Days of learning</dt><dd>2<", text) and "2 days" in text


def test_a_featured_comment_that_was_taken_away_is_not_on_the_page(
    client: TestClient,
    session: Session,
    hao: User,
    ming: User,
    lecturer: User,
) -> None:
    best = say(hao, "the remark that all should read")
    feature(lecturer, best)
    with db.session_scope() as writing:
        states.delete(writing, writing.get_one(User, hao.id), best.id)
    enter(client, session, ming)
    assert "remark that all" not in page_of(client, hao)


def test_a_featured_comment_is_on_the_page_as_long_as_readers_see_it_where_it_stands(
    client: TestClient, session: Session, course: Course, hao: User, ming: User, lecturer: User
) -> None:
    with db.session_scope() as writing:
        lesson = writing.scalars(select(Lesson).order_by(Lesson.position)).first()
        below_lesson = places.find_place(writing, None, f"lesson:{lesson.id}")
        job = make_job(writing, ming, shared_at=now())
    for place in (places.CLASS, below_lesson, places.job_place(job)):
        feature(lecturer, say(hao, f"worth reading {place.key}", place=place))
    enter(client, session, lecturer)
    assert page_of(client, hao).count("worth reading") == 3
    with db.session_scope() as writing:
        jobs_sharing.share(writing, writing.get_one(User, ming.id), job.id, on=False)
        writing.get_one(Lesson, lesson.id).published_revision_id = None
    text = page_of(client, hao)
    assert text.count("worth reading") == 1 and "worth reading class" in text


def test_a_page_costs_few_statements(client: TestClient, session: Session, hao: User, lecturer: User) -> None:
    enter(client, session, hao)
    empty = cost(client, f"/people/{hao.id}")
    for number in range(3):
        feature(lecturer, say(hao, f"a good remark, number {number}, @[x](user:{lecturer.id})"))
    assert cost(client, f"/people/{hao.id}") <= empty + 1 <= 8


def test_nobodys_page_is_not_found_and_visitors_see_none(
    client: TestClient,
    session: Session,
    hao: User,
) -> None:
    assert (
        client.get(f"/people/{hao.id}", headers={"Accept": "text/html"})
        .headers["location"]
        .startswith("/sign-in")
    )
    enter(client, session, hao)
    assert client.get(f"/people/{uuid4()}").status_code == 404
