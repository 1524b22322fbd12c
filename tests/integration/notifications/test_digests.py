"""What is mailed, when, to whom, and only once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board import states
from app.board.own import editing
from app.core import db, events
from app.core.clock import now
from app.jobs.events import JobEnded
from app.jobs.models import JobState
from app.moderation import service as moderation
from app.notifications import delivery
from app.notifications.models import MailAddress, Notification
from app.notifications.service import mark_read
from tests.factories import make_job
from tests.integration.conftest import enter
from tests.integration.notifications.postbox import ADDRESS, Postbox, after, html, plain, sent
from tests.integration.people import decide, person, say


def test_a_digest_says_what_happened_in_plain_text_and_html_with_masked_names(
    postbox: Postbox,
    reader: User,
    ming: User,
) -> None:
    reply = say(ming, "here is how I did it & <why>", to=say(reader))
    after(11)
    assert delivery.deliver_mail() == 1
    text = sent(postbox)
    message = postbox.received[0]
    assert "*g replied to you." in text and "here is how I did it & <why>" in text
    assert f"http://127.0.0.1:8000/comments/{reply.id}" in text
    assert "*g replied to you." in html(message) and "&amp; &lt;why&gt;" in html(message)
    assert "Ming" not in text + html(message)
    assert (message["To"], message["From"]) == (ADDRESS, "Sophora <sophora@example.org>")
    assert message["Subject"] == "1 notification · Sophora"
    assert message["Message-ID"].endswith("@example.org>") and message["Date"]
    assert message["Auto-Submitted"] == "auto-generated"


def test_plain_text_says_what_was_typed(postbox: Postbox, reader: User, lecturer: User) -> None:
    reason = 'Don\'t <post> advertising & "offers"'
    decide(lecturer, say(reader), moderation.Decision.REJECT, reason)
    after(11)
    delivery.deliver_mail()
    assert f"Why: {reason}" in sent(postbox)
    assert "Don&#39;t &lt;post&gt; advertising &amp; " in html(postbox.received[0])


def test_mail_speaks_the_readers_language(postbox: Postbox, reader: User, ming: User) -> None:
    from app.core.i18n import current_language, gettext

    with db.session_scope() as session:
        session.get_one(MailAddress, reader.id).language = "zh"
    say(ming, to=say(reader))
    after(11)
    token = current_language.set("en")
    delivery.deliver_mail()
    assert current_language.get() == "en"
    current_language.set("zh")
    expected = gettext("{name} replied to you.").format(name="*g")
    current_language.reset(token)
    assert expected in sent(postbox)
    assert 'lang="zh-Hans"' in html(postbox.received[0])


def test_mail_is_held_back_ten_minutes(postbox: Postbox, reader: User, ming: User) -> None:
    say(ming, to=say(reader))
    after(9)
    assert delivery.deliver_mail() == 0
    after(1)
    assert delivery.deliver_mail() == 1


def test_an_edit_within_the_ten_minutes_goes_out_edited(postbox: Postbox, reader: User, ming: User) -> None:
    reply = say(ming, "the first wording of it", to=say(reader))
    with db.session_scope() as session:
        editing.edit(session, session.get_one(User, ming.id), reply.id, "the second wording of it")
    after(11)
    delivery.deliver_mail()
    assert "second wording" in sent(postbox) and "first wording" not in sent(postbox)


def test_a_comment_deleted_within_the_ten_minutes_is_not_mailed(
    postbox: Postbox,
    reader: User,
    ming: User,
) -> None:
    reply = say(ming, to=say(reader))
    with db.session_scope() as session:
        states.delete(session, session.get_one(User, ming.id), reply.id)
    after(11)
    assert delivery.deliver_mail() == 0
    assert postbox.received == []


def test_what_was_read_on_the_page_is_not_mailed(postbox: Postbox, reader: User, ming: User) -> None:
    say(ming, to=say(reader))
    with db.session_scope() as session:
        mark_read(session, session.get_one(User, reader.id))
    after(11)
    assert delivery.deliver_mail() == 0


def test_all_that_is_due_is_gathered_in_one_mail(postbox: Postbox, reader: User, ming: User) -> None:
    for number in range(3):
        say(ming, f"thought number {number}", to=say(reader))
    after(11)
    delivery.deliver_mail()
    assert all(f"thought number {number}" in sent(postbox) for number in range(3))
    assert postbox.received[0]["Subject"] == "3 notifications · Sophora"


def test_what_a_mail_has_no_room_for_goes_with_the_next_one(
    postbox: Postbox, reader: User, ming: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "ENTRIES_IN_A_MAIL", 3)
    for number in range(5):
        say(ming, f"thought number {number}", to=say(reader))
    after(11)
    for _ in range(3):
        delivery.deliver_mail()
        after(60)
    texts = [plain(message) for message in postbox.received]
    assert [[number for number in range(5) if f"number {number}" in text] for text in texts] == [
        [0, 1, 2],
        [3, 4],
    ]


def test_an_hour_lies_between_two_mails_to_the_same_reader(
    postbox: Postbox, reader: User, ming: User
) -> None:
    for minutes, mails in ((11, 1), (30, 1), (31, 2)):
        say(ming, to=say(reader))
        after(minutes)
        delivery.deliver_mail()
        assert len(postbox.received) == mails


def test_the_same_is_never_mailed_twice(postbox: Postbox, reader: User, ming: User) -> None:
    say(ming, to=say(reader))
    for _ in range(3):
        after(120)
        delivery.deliver_mail()
    assert len(postbox.received) == 1


def test_two_workers_send_nothing_twice(postbox: Postbox, reader: User, ming: User) -> None:
    for number in range(3):
        fan = person(f"reader {number}")
        with db.session_scope() as session:
            session.add(
                MailAddress(
                    user_id=fan.id, address=f"r{number}@example.org", language="en", confirmed_at=now()
                )
            )
        say(ming, to=say(fan))
    say(ming, to=say(reader))
    after(11)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: delivery.deliver_mail(), range(4)))
    assert sorted(postbox.recipients) == [ADDRESS, "r0@example.org", "r1@example.org", "r2@example.org"]


def test_a_way_by_mail_taken_back_holds_what_waits(
    client: TestClient,
    session: Session,
    postbox: Postbox,
    reader: User,
    ming: User,
) -> None:
    say(ming, to=say(reader))
    enter(client, session, reader)
    client.post("/settings/notifications", data={"reply": "page"})
    after(11)
    assert delivery.deliver_mail() == 0


def test_a_decision_of_a_moderator_and_an_ended_training_are_mailed(
    postbox: Postbox,
    reader: User,
    lecturer: User,
) -> None:
    decide(lecturer, say(reader), moderation.Decision.REJECT, "off the subject")
    with db.session_scope() as session:
        events.send(session, JobEnded(job=make_job(session, reader, state=JobState.FAILED)))
    after(11)
    delivery.deliver_mail()
    assert "off the subject" in sent(postbox) and "has failed" in sent(postbox)
    assert "Lin" not in sent(postbox)


def test_without_a_mail_server_nothing_waits_for_one(
    postbox: Postbox,
    reader: User,
    ming: User,
    configure: Callable[..., None],
) -> None:
    configure(smtp_url="")
    say(ming, to=say(reader))
    after(11)
    assert delivery.deliver_mail() == 0
    with db.session_scope(writes=False) as session:
        assert session.scalars(select(Notification.mail_due_at)).all() == [None]


def test_the_worker_does_it_once_a_minute() -> None:
    from worker.duties import app

    entry = app.conf.beat_schedule["sophora.deliver_mail"]
    assert (entry["schedule"], entry["task"] in app.tasks) == (60, True)
