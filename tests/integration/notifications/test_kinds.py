"""Other notifications: likes, cheers, trainings, moderators' decisions."""

import pytest
from fastapi.testclient import TestClient

from app.accounts.models import User
from app.board import states
from app.board.log import ACTS
from app.board.writing import spam
from app.core import db, events
from app.jobs.events import JobEnded
from app.jobs.models import JobState
from app.jobs.service import request_cancellation
from app.moderation.service import Decision
from app.notifications.messages import DECISIONS
from app.notifications.models import Kind
from app.notifications.service import mark_read
from tests.factories import make_job
from tests.integration.notifications.happenings import change, cheer, feature, make_check_in, take_like_back
from tests.integration.notifications.pages import page
from tests.integration.people import decide, kinds, like, person, say, told, unread

pytestmark = pytest.mark.usefixtures("redis", "in_english")


def test_the_author_hears_that_a_comment_is_featured(hao: User, lecturer: User) -> None:
    feature(lecturer, say(hao))
    assert kinds(hao) == [Kind.FEATURED]


def test_likes_of_a_comment_gather_in_one_notification(client: TestClient, hao: User, ming: User) -> None:
    comment = say(hao)
    for fan in (ming, person("Rui"), person("Qiang")):
        like(fan, comment)
    assert kinds(hao) == [Kind.LIKE]
    assert unread(hao) == 1
    assert "*g and 2 others like your comment." in page(client, hao)


def test_the_same_like_again_is_no_news(hao: User, ming: User) -> None:
    comment = say(hao)
    like(ming, comment)
    with db.session_scope() as session:
        mark_read(session, session.get_one(User, hao.id))
    take_like_back(ming, comment)
    like(ming, comment)
    assert unread(hao) == 0


def test_a_further_like_makes_it_unread_again(hao: User, ming: User) -> None:
    comment = say(hao)
    like(ming, comment)
    with db.session_scope() as session:
        mark_read(session, session.get_one(User, hao.id))
    like(person("Rui"), comment)
    assert unread(hao) == 1
    assert len(told(hao)) == 1


def test_cheers_gather_and_lead_to_the_check_in(client: TestClient, hao: User, ming: User) -> None:
    check_in = make_check_in(hao)
    for fan in (ming, person("Rui")):
        cheer(fan, check_in)
    assert kinds(hao) == [Kind.CHEER]
    text = page(client, hao)
    assert "*i and 1 other cheer your check-in." in text
    assert f'href="/check-ins/{check_in}"' in text


@pytest.mark.parametrize("state", [JobState.SUCCEEDED, JobState.FAILED])
def test_a_training_that_ended_is_told(client: TestClient, hao: User, state: JobState) -> None:
    with db.session_scope() as session:
        job = make_job(session, hao, state=state)
        events.send(session, JobEnded(job=job))
    assert kinds(hao) == [Kind.JOB]
    text = page(client, hao)
    assert f'href="/jobs/{job.id}"' in text
    assert ("has failed" in text) == (state == JobState.FAILED)


def test_a_training_that_its_owner_cancelled_is_no_news(hao: User) -> None:
    with db.session_scope() as session:
        job = make_job(session, hao)
    with db.session_scope() as session:
        request_cancellation(session, session.get_one(User, hao.id), job.id)
    assert told(hao) == []


def test_a_worker_tells_of_the_job_that_it_ends(hao: User) -> None:
    from worker import claim

    with db.session_scope() as session:
        make_job(session, hao)
    with db.session_scope() as session:
        claimed = claim.claim_next(session, "cpu")
    with db.session_scope() as session:
        claim.finish(session, claimed.job_id, claimed.attempt, JobState.SUCCEEDED)
    assert kinds(hao) == [Kind.JOB]
    assert unread(hao) == 1


@pytest.mark.parametrize("decision", [Decision.REJECT, Decision.WITHHOLD, Decision.DELETE])
def test_the_author_hears_of_a_moderators_decision_and_its_reason_but_not_who_it_was(
    client: TestClient, hao: User, lecturer: User, decision: Decision
) -> None:
    decide(lecturer, say(hao), decision, "off the subject")
    assert kinds(hao) == [Kind.MODERATION]
    text = page(client, hao)
    assert "Why: off the subject" in text
    assert "Lin" not in text[text.index("<main") :]


def test_a_decisions_reason_is_in_the_readers_language_and_the_moderators_note_as_it_was_typed(
    client: TestClient, hao: User, lecturer: User
) -> None:
    decide(lecturer, say(hao), Decision.REJECT, f"{states.REASONS['spam']}\nPlease read the rules.")
    assert "Why: advertising or spam – Please read the rules." in page(client, hao)
    client.cookies.set("language", "zh", domain="127.0.0.1", path="/")
    text = page(client, hao)
    assert "advertising" not in text and " – Please read the rules." in text


def test_each_decision_is_told(hao: User, lecturer: User) -> None:
    comment = say(hao)
    for decision in (Decision.WITHHOLD, Decision.APPROVE, Decision.WITHHOLD):
        decide(lecturer, comment, decision)
    assert kinds(hao) == [Kind.MODERATION] * 3


def test_an_edit_that_a_rule_holds_is_not_said_to_be_a_moderators_decision(
    client: TestClient, hao: User, lecturer: User
) -> None:
    comment = say(hao)
    for _number in range(spam.REJECTED):
        decide(lecturer, say(hao), Decision.REJECT, "spam")
    change(hao, comment, "said in other words")
    assert told(hao)[0].details["act"] == "hold"
    text = page(client, hao)
    assert "Your comment is withheld until a moderator has looked at it." in text
    assert "A moderator has reviewed" not in text


def test_there_are_words_for_every_decision() -> None:
    assert set(ACTS) - {"feature", "unfeature", "pin", "unpin"} == set(DECISIONS)
