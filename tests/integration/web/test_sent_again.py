"""Three clicks on a slow network create one thing: every route that writes is sent the same form three times."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from app import features
from app.accounts.models import SentForm, User, UserSession
from app.accounts.resets import COMMAND, make_link
from app.accounts.sent_forms import RETRY_SPAN
from app.core import db
from app.core.config import ROOT
from app.jobs.models import Job
from app.notes.models import Note
from app.notifications.models import AccountMail
from tests.factories import PASSWORD, make_user
from tests.integration.web import test_nothing_slow_inside as routes
from tests.integration.web.test_nothing_slow_inside import Class, newest, one, quiz_course  # noqa: F401

# What notes that something was done, each time that it was.
NOTES_OF_ACTS = {"acts", "moderation_acts", "sent_forms", "visitor_forms"}
# The signed-in client of these is gone with the first sending.
ENDINGS = {
    "POST /sign-out", "POST /settings/account-deletion", "POST /settings/sign-ins/{handle}/deletion",
    "POST /settings/sign-ins/deletion",
}  # fmt: skip
LAB = "POST /courses/{course}/lessons/{slug}/labs/{key}/jobs"
AT = {"course": "tiny", "slug": "00-start", "key": "digits"}


def rows() -> dict[str, int]:
    with db.session_scope(writes=False) as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table))
            for table in features.metadata.sorted_tables
            if table.name not in NOTES_OF_ACTS
        }


class Impatient(Class):
    """A user who presses three times."""

    def ask(self, who: str, route: str, **more: Any) -> Any:
        if "json" not in more:
            more["fields"] = {"request_key": uuid4().hex} | more.get("fields", {})
        answer = super().ask(who, route, **more)
        if "json" in more or route in ENDINGS:
            return answer
        made = rows()
        for _ in range(2):
            if not who:
                self.client.cookies.clear()
            again = self.again(route, **more)
            assert again.status_code < 500, f"{route}: {again.text[-500:]}"
            assert rows() == made, f"{route} made something more when it was sent again"
            if answer.status_code == 303 and again.status_code == 303:
                assert again.headers["location"] == answer.headers["location"], route
        return answer

    def again(self, route: str, **more: Any) -> Any:
        method, _, path = route.partition(" ")
        address = re.sub(r"{(\w+)(?::path)?}", lambda match: str(more[match[1]]), path)
        data = {name: str(value) for name, value in more.get("fields", {}).items()}
        extra = {name: more[name] for name in ("files", "headers") if name in more}
        return self.client.request(method, address, data=data, **extra)


@pytest.fixture
def room(client: TestClient, quiz_course: None, configure: Callable[..., None]) -> Impatient:  # noqa: F811
    configure(rate_limits="false", smtp_url="smtp://127.0.0.1:1", mail_from="sophora@example.org")
    return Impatient(client)


def test_no_route_makes_a_second_thing_when_its_form_is_sent_again(room: Impatient) -> None:
    for part in (
        routes.talk, routes.learn, routes.train, routes.teach, routes.settle, routes.moderate, routes.author,
        routes.administer, routes.come_and_go,
    ):  # fmt: skip
        part(room)
    assert routes.writing_routes() - room.asked == set(), "a new route needs a request in one of these parts"


def _lab_form() -> dict[str, str]:
    recipe = routes.all_recipes()["mnist-mlp"]
    return {h.name: h.as_text(recipe.defaults[h.name]) for h in recipe.hyperparameters} | {"guess": "0.9"}


def test_the_same_form_with_another_value_is_meant_to_be_another_training(room: Impatient) -> None:
    form = _lab_form() | {"request_key": uuid4().hex}
    first = Class.ask(room, "student", LAB, **AT, fields=form).headers["location"]
    other = Class.ask(room, "student", LAB, **AT, fields=form | {"epochs": "2"}).headers["location"]
    assert first != other
    assert Class.ask(room, "student", LAB, **AT, fields=form).headers["location"] == first


def test_a_key_belongs_to_its_reader_and_holds_for_minutes(room: Impatient) -> None:
    form = _lab_form() | {"request_key": uuid4().hex}
    addresses = {
        Class.ask(room, who, LAB, **AT, fields=form).headers["location"] for who in ("student", "other")
    }
    assert len(addresses) == 2
    with db.session_scope() as session:
        for sent in session.scalars(select(SentForm)):
            sent.created_at -= RETRY_SPAN
    addresses.add(Class.ask(room, "student", LAB, **AT, fields=form).headers["location"])
    assert len(addresses) == 3


def test_a_full_queue_leads_to_what_the_form_has_made_and_not_to_a_refusal(
    room: Impatient, configure: Callable[..., None]
) -> None:
    configure(rate_limits="false", job_quota_active="1")
    form = _lab_form() | {"request_key": uuid4().hex}
    first, second = (Class.ask(room, "student", LAB, **AT, fields=form) for _ in range(2))
    assert first.headers["location"] == second.headers["location"]
    assert room.again(LAB, **AT, fields=_lab_form() | {"request_key": uuid4().hex}).status_code == 422


def test_a_note_that_was_deleted_can_be_written_again(room: Impatient) -> None:
    lesson = one(select(routes.Lesson).where(routes.Lesson.slug == "00-start"))
    written = {"text": "my own words", "language": "en", "quote": "some", "request_key": uuid4().hex}
    add = {"lesson_id": lesson.id, "fields": written, "headers": {"X-Fragment": "1"}}
    Class.ask(room, "student", "POST /lessons/{lesson_id}/notes", **add)
    first = newest(Note).id
    Class.ask(room, "student", "POST /notes/{note_id}/deletion", note_id=first)
    Class.ask(room, "student", "POST /lessons/{lesson_id}/notes", **add)
    assert newest(Note).id != first


def test_twenty_sendings_at_the_same_moment_make_one_training(room: Impatient) -> None:
    form = _lab_form() | {"request_key": uuid4().hex}
    Class.ask(room, "student", LAB, **AT, fields=_lab_form())
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: room.again(LAB, **AT, fields=form), range(20)))
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert one(select(func.count(Job.id))) == 2


# Pages


def test_every_form_that_writes_carries_a_key() -> None:
    forms = []
    for file in Path(ROOT / "templates").rglob("*.html"):
        text = file.read_text()
        forms += [(file, form) for form in re.findall(r"<form\b(?:(?!</form>).)*", text, re.DOTALL)]
    writing = [(file, form) for file, form in forms if re.search(r'method="post"', form)]
    assert len(writing) > 60
    bare = [
        f"{file.name}: {form[:80]}"
        for file, form in writing
        if not re.search(r'(?:form|visitor)_token\(\)|name="request_key"|typed_fields\(', form)
    ]
    assert bare == []


def test_three_clicks_on_sign_up_are_one_account_and_one_sign_in(client: TestClient, database: str) -> None:
    form = {"name": "Lin Daiyu", "password": PASSWORD, "request_key": uuid4().hex}
    answers = []
    for _ in range(3):
        client.cookies.clear()
        answers.append(client.post("/sign-up", data=form))
    assert [answer.status_code for answer in answers] == [303] * 3
    assert len({answer.cookies["sophora_session"] for answer in answers}) == 1
    assert (one(select(func.count(User.id))), one(select(func.count(UserSession.token_hash)))) == (1, 1)
    # In another browser, or with another password, the name is taken.
    for other in ({"request_key": uuid4().hex}, {"password": "another sentence of mine"}):
        client.cookies.clear()
        assert client.post("/sign-up", data=form | other).status_code == 422


def test_a_sign_in_that_has_ended_is_not_opened_again_by_its_old_token(
    client: TestClient, database: str
) -> None:
    form = {"name": "Lin Daiyu", "password": PASSWORD, "request_key": uuid4().hex}
    token = client.post("/sign-up", data=form).cookies["sophora_session"]
    client.post("/sign-out")
    assert client.post("/sign-up", data=form).status_code == 422
    sign_in = form | {"request_key": uuid4().hex}
    tokens = []
    for _ in range(2):
        tokens.append(client.post("/sign-in", data=sign_in).cookies["sophora_session"])
        client.post("/sign-out")
    assert len({token, *tokens}) == 3


def test_three_clicks_for_a_lost_password_are_one_mail_and_a_reset_is_set_once(
    client: TestClient, database: str, configure: Callable[..., None]
) -> None:
    configure(smtp_url="smtp://127.0.0.1:1", mail_from="sophora@example.org")
    for key in ("first-sending-of-it", "first-sending-of-it", "first-sending-of-it", "another-one-of-it"):
        client.post("/lost-password", data={"name": "Lin", "request_key": key})
    assert one(select(func.count(AccountMail.id))) == 2
    with db.session_scope() as session:
        address = f"/password-resets/{make_link(session, make_user(session, 'Lin').id, COMMAND)}"
    form = {"new_password": "a sentence that is new", "request_key": uuid4().hex}
    for _ in range(3):
        assert client.post(address, data=form).headers["location"] == "/sign-in?password=new"
    assert client.post(address, data=form | {"request_key": uuid4().hex}).status_code == 404


def test_a_readers_page_has_a_key_in_its_forms_and_a_kept_one_of_visitors_has_none(
    room: Impatient, client: TestClient
) -> None:
    lesson = "/courses/tiny/lessons/00-start"
    Class.ask(room, "student", "POST /check-ins/zone", fields={"zone": "Europe/Berlin"})
    keys = set(re.findall(r'name="request_key" value="([0-9a-f]{32})"', client.get(lesson).text))
    assert keys
    client.cookies.clear()
    kept = re.findall(r'name="request_key" value="([^"]*)"', client.get(lesson).text)
    assert set(kept) <= {""}
    assert re.search(r'name="request_key" value="[0-9a-f]{32}"', client.get("/sign-up").text)
