"""Notifications that no longer apply, or can no longer be read, when their reader looks or the mail is sent."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from app.accounts.models import User
from app.board.models import Comment
from app.board.places import ThreadHost, find_place, job_place
from app.core import db
from app.core.clock import now
from app.courses.models import Lesson
from app.jobs.models import Job
from app.jobs.sharing import share
from app.moderation.service import Decision
from app.notifications import delivery
from app.notifications.models import Kind, Way
from tests.factories import make_job
from tests.integration.notifications.happenings import change, delete, feature
from tests.integration.notifications.pages import page
from tests.integration.notifications.postbox import Postbox, after
from tests.integration.people import choose, decide, like, person, say

pytestmark = pytest.mark.usefixtures("redis", "in_english")

WORDS = "words that somebody regrets"


@pytest.fixture
def training(hao: User) -> Job:
    """小昊's, shared with the class."""
    with db.session_scope() as session:
        return make_job(session, hao, shared_at=now())


@pytest.fixture
def lesson_place(course: object) -> ThreadHost:
    with db.session_scope(writes=False) as session:
        lesson = session.scalars(select(Lesson).limit(1)).one()
        return find_place(session, None, f"lesson:{lesson.id}")


def unshare(owner: User, job: Job) -> None:
    with db.session_scope() as session:
        share(session, session.get_one(User, owner.id), job.id, on=False)


def unpublish() -> None:
    with db.session_scope() as session:
        session.execute(update(Lesson).values(published_revision_id=None))


def like_it(reader: User, _other: User, lecturer: User) -> Comment:
    comment = say(reader, WORDS)
    like(lecturer, comment)
    return comment


def mention(reader: User, other: User, _lecturer: User) -> Comment:
    return say(other, f"{WORDS} @[x](user:{reader.id})")


def feature_it(reader: User, _other: User, lecturer: User) -> Comment:
    comment = say(reader, WORDS)
    feature(lecturer, comment)
    return comment


WITHDRAWN: dict[str, tuple[Callable[..., Comment], Callable[..., None], str]] = {
    "a mention edited out": (
        mention,
        lambda comment, _reader, other, _lecturer: change(other, comment, WORDS + " still"),
        "It does not mention you any more.",
    ),
    "one's own liked comment deleted": (
        like_it,
        lambda comment, reader, _other, _lecturer: delete(reader, comment),
        "This comment is no longer there.",
    ),
    "one's own featured comment deleted": (
        feature_it,
        lambda comment, reader, _other, _lecturer: delete(reader, comment),
        "This comment is no longer there.",
    ),
    "a featured comment that is so no more": (
        feature_it,
        lambda comment, _reader, _other, lecturer: feature(lecturer, comment, on=False),
        "It is not featured any more.",
    ),
}


@pytest.mark.parametrize("case", WITHDRAWN)
def test_what_holds_no_longer_is_not_quoted_and_not_mailed(
    client: TestClient, postbox: Postbox, reader: User, ming: User, lecturer: User, case: str
) -> None:
    make, withdraw, sentence = WITHDRAWN[case]
    for kind in (Kind.LIKE, Kind.FEATURED, Kind.MENTION):
        choose(reader, kind, Way.MAIL)
    comment = make(reader, ming, lecturer)
    assert WORDS in page(client, reader)
    withdraw(comment, reader, ming, lecturer)
    text = page(client, reader)
    assert WORDS not in text and sentence in text
    after(11)
    assert delivery.deliver_mail() == 0


def test_a_decision_is_told_without_the_words_that_their_author_has_deleted_since(
    client: TestClient, hao: User, lecturer: User
) -> None:
    comment = say(hao, WORDS)
    decide(lecturer, comment, Decision.WITHHOLD, "off the subject")
    assert WORDS in page(client, hao)
    delete(hao, comment)
    text = page(client, hao)
    assert WORDS not in text and "off the subject" in text


def test_whose_comment_a_moderator_deletes_sees_which_one_it_was(
    client: TestClient, hao: User, lecturer: User
) -> None:
    decide(lecturer, say(hao, WORDS), Decision.DELETE, "off the subject")
    assert WORDS in page(client, hao)


# Hosts that are closed


def test_comments_below_a_training_are_not_quoted_once_it_is_shared_no_more(
    client: TestClient, training: Job, hao: User, ming: User
) -> None:
    rui = person("Rui")
    above = say(ming, place=job_place(training))
    reply = say(rui, WORDS, to=above, place=job_place(training))
    say(rui, "to the owner alone", place=job_place(training))
    assert WORDS in page(client, ming)
    unshare(hao, training)
    text = page(client, ming)
    assert WORDS not in text and f"/comments/{reply.id}" not in text
    assert "This comment is no longer there." in text
    assert "to the owner alone" in page(client, hao), "the owner still reads there"


def test_comments_below_a_training_that_is_shared_no_more_are_not_mailed(
    postbox: Postbox, reader: User, ming: User
) -> None:
    with db.session_scope() as session:
        job = make_job(session, ming, shared_at=now())
    say(ming, WORDS, to=say(reader, place=job_place(job)), place=job_place(job))
    unshare(ming, job)
    after(11)
    assert delivery.deliver_mail() == 0


def test_comments_below_a_lesson_are_not_quoted_once_it_is_published_no_more(
    client: TestClient, postbox: Postbox, lesson_place: ThreadHost, reader: User, ming: User, lecturer: User
) -> None:
    for asker in (reader, lecturer):
        say(ming, WORDS + f" {asker.name}", to=say(asker, place=lesson_place), place=lesson_place)
    assert WORDS in page(client, reader)
    unpublish()
    assert WORDS not in page(client, reader)
    assert WORDS in page(client, lecturer), "who may edit the lesson still reads there"
    after(11)
    assert delivery.deliver_mail() == 0
