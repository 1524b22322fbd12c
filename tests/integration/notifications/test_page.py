"""The page of notifications."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board import states
from app.core import db
from app.notifications.models import Kind, Notification
from tests.factories import NO_ID
from tests.integration.conftest import enter
from tests.integration.notifications.happenings import HAPPENINGS
from tests.integration.notifications.pages import page
from tests.integration.people import person, say, told, unread
from tests.integration.statements import cost

pytestmark = pytest.mark.usefixtures("redis", "in_english")


def test_the_page_shows_masked_names_and_links_to_the_places(
    client: TestClient, hao: User, ming: User
) -> None:
    reply = say(hao, "an answer to you", to=say(ming))
    text = page(client, ming)
    assert "*昊 replied to you." in text and "小昊" not in text
    assert f'href="/comments/{reply.id}"' in text
    assert "an answer to you" in text


def test_names_mentioned_in_an_excerpt_are_masked(client: TestClient, hao: User, ming: User) -> None:
    say(person("Rui"), f"look, @[小昊](user:{hao.id}) says so", to=say(ming))
    text = page(client, ming)
    assert "look, @*昊 says so" in text and "小昊" not in text


def test_a_comment_deleted_meanwhile_is_not_quoted(client: TestClient, hao: User, ming: User) -> None:
    reply = say(ming, "something I regret", to=say(hao))
    with db.session_scope() as session:
        states.delete(session, session.get_one(User, ming.id), reply.id)
    text = page(client, hao)
    assert "something I regret" not in text
    assert "This comment is no longer there." in text
    assert f"/comments/{reply.id}" not in text


def test_who_deleted_the_account_is_named_so(client: TestClient, hao: User, ming: User) -> None:
    say(ming, to=say(hao))
    with db.session_scope() as session:
        session.execute(delete(User).where(User.id == ming.id))
    assert "deleted account replied to you." in page(client, hao)


def test_all_are_marked_as_read_by_one_button(
    client: TestClient, session: Session, hao: User, ming: User
) -> None:
    for _ in range(3):
        say(ming, to=say(hao))
    enter(client, session, hao)
    assert client.get("/notifications").text.count("told-new") == 3
    assert client.post("/notifications/readings").status_code == 303
    text = client.get("/notifications").text
    assert "told-new" not in text and "Mark all as read" not in text
    assert unread(hao) == 0


def test_one_is_marked_as_read_on_the_way_to_its_place(
    client: TestClient, session: Session, hao: User, ming: User
) -> None:
    for _ in range(2):
        say(ming, to=say(hao))
    enter(client, session, hao)
    path = f"/notifications/{told(hao)[0].id}/reading"
    for _ in range(2):
        assert client.post(path, headers={"X-Fragment": "1"}).status_code == 204
    assert unread(hao) == 1


def test_somebody_elses_notifications_cannot_be_read_or_marked(
    client: TestClient, session: Session, hao: User, ming: User
) -> None:
    say(ming, "for your eyes only", to=say(hao))
    enter(client, session, ming)
    assert "for your eyes only" not in client.get("/notifications").text
    path = f"/notifications/{told(hao)[0].id}/reading"
    assert client.post(path, headers={"X-Fragment": "1"}).status_code == client.post(path).status_code == 404
    assert client.post(f"/notifications/{NO_ID}/reading").status_code == 404
    assert unread(hao) == 1


@pytest.mark.parametrize("kind", [Kind.REPLY, Kind.CHEER, Kind.JOB])
def test_who_opened_the_place_by_another_way_has_read_it(
    client: TestClient, session: Session, hao: User, ming: User, lecturer: User, kind: Kind
) -> None:
    HAPPENINGS[kind](hao, ming, lecturer)
    (notification,) = told(hao)
    subject: dict[Kind, tuple[str, UUID | None]] = {
        Kind.REPLY: ("comments", notification.comment_id),
        Kind.CHEER: ("check-ins", notification.check_in_id),
        Kind.JOB: ("jobs", notification.job_id),
    }
    name, identity = subject[kind]
    for user, place, left in (
        (ming, f"/{name}/{identity}", 1),
        (hao, f"/{name}/{NO_ID}", 1),
        (hao, "/board", 1),
        (hao, f"/{name}/x", 1),
        (hao, f"/{name}/{identity}", 0),
    ):
        enter(client, session, user)
        assert client.post("/notifications/readings", data={"place": place}).status_code == 303
        assert unread(hao) == left


def test_a_visitor_is_asked_to_sign_in(client: TestClient) -> None:
    assert (
        client.get("/notifications", headers={"Accept": "text/html"})
        .headers["location"]
        .startswith("/sign-in")
    )


def fill(user: User, actor: User, number: int) -> None:
    """`number` notifications, several at the same moment."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    with db.session_scope() as session:
        for place in range(number):
            session.add(
                Notification(
                    user_id=user.id,
                    kind=Kind.REVIEW,
                    key=f"n{place}",
                    created_at=moment + timedelta(seconds=place // 7),
                )
            )


def test_older_ones_are_paged_by_key_and_none_is_left_out_or_doubled(
    client: TestClient, session: Session, hao: User, ming: User
) -> None:
    fill(hao, ming, 45)
    enter(client, session, hao)
    address, seen = "/notifications", []
    while address:
        text = client.get(address).text
        seen += re.findall(r'id="notification-([0-9a-f-]{36})"', text)
        older = re.search(r'rel="next" href="([^"]+)"', text)
        address = older[1] if older else None
        if len(seen) == 20:  # one more arrives between two pages: nothing moves
            say(ming, to=say(hao))
    assert len(seen) == len(set(seen)) == 45


def test_a_key_that_no_page_gave_is_not_found(client: TestClient, session: Session, hao: User) -> None:
    enter(client, session, hao)
    for key in ("x", "1-2", f"{10**30}-{uuid4().hex}"):
        assert client.get(f"/notifications?before={key}").status_code == 404


def test_a_full_page_costs_as_few_statements_as_an_empty_one(
    client: TestClient, session: Session, hao: User, ming: User
) -> None:
    enter(client, session, hao)
    for number in range(5):
        say(ming, f"thank you @[x](user:{ming.id}) {number}", to=say(hao))
    assert cost(client, "/notifications") <= 3
