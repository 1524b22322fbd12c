"""Notifications of staff: waiting comments, and failed scheduled publications."""

from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.authoring.events import PublicationFailed
from app.board.models import Comment
from app.core import db, events
from app.courses.models import Course, Lesson
from app.moderation import service as moderation
from app.moderation.service import Decision
from app.notifications.models import Kind
from app.notifications.service import visit
from tests.factories import make_user
from tests.integration.conftest import enter
from tests.integration.moderation.acts import decide as moderate
from tests.integration.notifications.pages import page
from tests.integration.people import kinds, person, say, told, unread

pytestmark = pytest.mark.usefixtures("redis", "in_english")


def report(reader: User, comment: Comment) -> None:
    with db.session_scope() as session:
        moderation.report(session, session.get_one(User, reader.id), comment.id, "spam", "")


def look(staff: User) -> None:
    with db.session_scope() as session:
        visit(session, session.get_one(User, staff.id), "/moderation")


def test_a_report_is_told_to_all_who_may_decide_and_to_nobody_else(
    client: TestClient, hao: User, ming: User, lecturer: User
) -> None:
    admin = person("Admin Teacher", Role.ADMIN)
    report(ming, say(hao))
    assert kinds(lecturer) == kinds(admin) == [Kind.TO_MODERATE]
    assert unread(lecturer) == unread(admin) == 1
    assert kinds(ming) == []
    text = page(client, lecturer)
    assert "1 withheld or reported comment is waiting for a moderator." in text
    assert 'href="/moderation"' in text


def test_further_ones_gather_count_and_are_unread_again(hao: User, ming: User, lecturer: User) -> None:
    report(ming, say(hao))
    look(lecturer)
    assert unread(lecturer) == 0
    report(ming, say(hao))
    assert unread(lecturer) == 1
    assert [one.details["count"] for one in told(lecturer)] == [2]


def test_the_same_report_again_is_no_news(hao: User, ming: User, lecturer: User) -> None:
    comment = say(hao)
    report(ming, comment)
    look(lecturer)
    report(ming, comment)
    assert unread(lecturer) == 0


def test_it_goes_by_itself_when_a_colleague_has_decided(hao: User, ming: User, lecturer: User) -> None:
    colleague = person("Colleague", Role.LECTURER)
    comment = say(hao)
    for reader in (ming, person("Rui"), person("Qiang")):
        report(reader, comment)
    assert unread(lecturer) == 1
    with db.session_scope() as session:
        moderator = session.get_one(User, colleague.id)
        moderate(session, moderator, comment, Decision.REJECT)
    assert unread(lecturer) == unread(colleague) == 0


def test_a_lesson_that_was_not_published_at_its_time_is_told_to_its_author_and_the_admins(
    client: TestClient, course: Course, lecturer: User, hao: User
) -> None:
    admin = person("Admin Teacher", Role.ADMIN)
    with db.session_scope() as session:
        lesson = session.query(Lesson).filter_by(slug="00-start").one()
        events.send(session, PublicationFailed(lesson, lecturer.id, ["en.md:3: no alt"]))
    assert kinds(lecturer) == kinds(admin) == [Kind.PUBLICATION]
    text = page(client, lecturer)
    assert "was not published as scheduled." in text and f"/authoring/lessons/{lesson.id}" in text
    assert "en.md:3" in text


def test_students_are_not_offered_what_staff_are_told(
    client: TestClient, session: Session, hao: User
) -> None:
    enter(client, session, hao)
    assert 'name="to-moderate"' not in client.get("/settings/notifications").text
    enter(client, session, make_user(session, f"Lecturer {uuid4().hex[:6]}", Role.LECTURER))
    assert 'name="to-moderate"' in client.get("/settings/notifications").text
