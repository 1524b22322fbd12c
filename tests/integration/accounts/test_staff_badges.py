"""Every shown name of a teacher has a badge beside it; nobody else has one, whatever they are called."""

import re
from dataclasses import asdict
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.board import places, service
from app.board.models import Comment
from app.checkins import service as checkins
from app.checkins.models import CheckIn
from app.courses.models import Course
from app.jobs.sharing import share
from app.notifications.messages import sentence
from app.notifications.queries import notifications_of
from app.web.leaves import leaf_of
from tests.factories import make_job, make_user
from tests.integration.conftest import ON_SQLITE, enter

pytestmark = [ON_SQLITE, pytest.mark.usefixtures("redis", "in_english")]

LECTURER, STUDENT = "Zwiebel Lin", "Zwiebel Ann"
ADDRESSES = (
    "/board",
    "/threads/class/comments",
    "/comments/{lecturers}/reply",
    "/comments/{lecturers}/history",
    "/comments/{lecturers}/reports",
    "/comments/{lecturers}/replies",
    "/people/{lecturer}",
    "/people/{student}",
    "/jobs/{job}",
    "/check-ins/wall",
    "/check-ins/class-board",
    "/check-ins/{check_in}",
)


def say(session: Session, user: User, body: str, to: Comment | None = None) -> Comment:
    return service.post(session, user, places.CLASS, body, uuid4().hex, 60, reply_to_id=to.id if to else None)


@pytest.fixture
def scene(client: TestClient, session: Session, course: Course) -> dict[str, object]:
    """A lecturer and a student, both with their names shown, who do the same; a classmate is signed in and reads."""
    reader, lecturer = make_user(session), make_user(session, LECTURER, Role.LECTURER)
    student = make_user(session, STUDENT)
    student.shows_name = True
    first = say(session, reader, "A question of some length")
    for user in (lecturer, student):
        other = student if user is lecturer else lecturer
        own = say(session, user, f"Hello @[x](user:{reader.id}), and @[x](user:{other.id}) as well")
        reply = say(session, user, "An answer of some length", first)
        say(session, reader, f"An answer to an answer, {user.role}", reply)
        checkins.check_in(session, user.id, "button", "I have learnt what a loss is")
        checkins.choose(session, user, is_on_class_board=True)
        if user is lecturer:
            lecturers = own
    job = make_job(session, lecturer)
    share(session, lecturer, job.id, on=True)
    check_in = session.scalar(select(CheckIn).where(CheckIn.user_id == lecturer.id))
    service.like(session, lecturer, first.id)
    session.commit()
    for action in session.info.pop("after_commit", ()):
        action()
    enter(client, session, reader)
    return {
        "reader": reader, "lecturer": lecturer.id, "student": student.id, "lecturers": lecturers.id, "job": job.id, "check_in": check_in.id,
    }  # fmt: skip


def names_with_badges(html: str, name: str) -> list[bool]:
    """For each occurrence of the name, whether a badge follows. Excludes page titles, labels of controls and attributes."""
    shown = re.sub(
        r"<title>.*?</title>|<label.*?</label>|<[^>]*=\"[^\"]*Zwiebel[^\"]*\"[^>]*>", "", html, flags=re.S
    )
    return [
        bool(re.match(r"(?:</a>|</span>|</b>)?\s*<span class=\"badge", shown[match.end() :]))
        for match in re.finditer(name, shown)
    ]


def test_a_lecturers_name_has_a_badge_on_every_page_and_a_students_has_none(
    client: TestClient, scene: dict[str, object]
) -> None:
    for address in ADDRESSES:
        answer = client.get(
            address.format_map(scene), headers={"X-Fragment": "1"} if "threads" in address else {}
        )
        assert answer.status_code == 200, address
        lecturers, students = (names_with_badges(answer.text, name) for name in (LECTURER, STUDENT))
        assert lecturers or students, address
        assert all(lecturers), address
        assert not any(students), address


def test_who_is_offered_for_a_mention_has_the_title_too(client: TestClient, scene: dict[str, object]) -> None:
    people = client.get("/board/people?thread=class&q=Zwiebel").json()
    assert {person["name"]: person["title"] for person in people} == {LECTURER: "Lecturer", STUDENT: ""}
    assert all(person["leaf"] == asdict(leaf_of(UUID(person["id"]))) for person in people)


def test_a_notification_says_so_in_words(session: Session, scene: dict[str, object]) -> None:
    from app.core.i18n import current_language

    current_language.set("en")
    said = " ".join(sentence(told) for told in notifications_of(session, scene["reader"].id, None, 50))
    assert f"{LECTURER} (lecturer) mentioned you." in said
    assert f"{LECTURER} (lecturer) likes your comment." in said
    assert f"{LECTURER}, a lecturer, answered you." in said
    assert f"{STUDENT} replied to you." in said
