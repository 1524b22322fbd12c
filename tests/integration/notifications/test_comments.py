"""Who is notified of a comment, and only once each."""

from uuid import uuid4

import pytest
from sqlalchemy import delete, update

from app.accounts.models import User
from app.board.models import Comment, CommentState
from app.board.places import find_place, job_place
from app.board.writing import spam
from app.core import db
from app.core.clock import now
from app.moderation.service import Decision
from app.notifications.listeners import MENTIONS_TOLD
from app.notifications.models import Kind, Notification
from tests.factories import make_job
from tests.integration.notifications.happenings import change, make_check_in
from tests.integration.people import decide, kinds, person, say, told

pytestmark = pytest.mark.usefixtures("redis")


def test_who_is_answered_hears_of_the_reply(hao: User, ming: User) -> None:
    reply = say(ming, to=say(hao))
    (notification,) = told(hao)
    assert (notification.kind, notification.comment_id, notification.actor_id) == (
        Kind.REPLY,
        reply.id,
        ming.id,
    )
    assert told(ming) == []


def test_a_reply_to_a_reply_is_told_to_whom_it_answers(hao: User, ming: User) -> None:
    first = say(hao)
    say(hao, to=say(ming, to=first))
    assert kinds(ming) == [Kind.REPLY]
    assert kinds(hao) == [Kind.REPLY]


def test_a_lecturers_answer_takes_the_place_of_the_reply(hao: User, lecturer: User) -> None:
    say(lecturer, to=say(hao))
    assert kinds(hao) == [Kind.ANSWER]


def test_so_it_does_in_a_thread_that_the_lecturer_began(hao: User, lecturer: User) -> None:
    question = say(lecturer)
    say(lecturer, to=say(hao, to=question))
    assert kinds(hao) == [Kind.ANSWER]


def test_so_it_does_below_a_training_and_a_check_in(hao: User, lecturer: User) -> None:
    check_in = make_check_in(hao)
    with db.session_scope() as session:
        training = job_place(make_job(session, hao, shared_at=now()))
        check_ins = find_place(session, hao, f"check-in:{check_in}")
    for place in (training, check_ins):
        say(lecturer, place=place)
    assert kinds(hao) == [Kind.ANSWER] * 2


def test_who_is_mentioned_hears_of_it(hao: User, ming: User) -> None:
    say(ming, f"thank you @[x](user:{hao.id}) for the hint")
    assert kinds(hao) == [Kind.MENTION]


def test_who_is_answered_and_mentioned_hears_of_it_once(hao: User, ming: User) -> None:
    say(ming, f"thank you @[x](user:{hao.id}) for the hint", to=say(hao))
    assert kinds(hao) == [Kind.REPLY]


def test_who_is_mentioned_by_an_edit_hears_of_it_once(hao: User, ming: User) -> None:
    comment = say(ming)
    for body in ("thank you @[x](user:{}) for the hint", "thanks @[x](user:{}) for the good hint"):
        change(ming, comment, body.format(hao.id))
    assert kinds(hao) == [Kind.MENTION]


def test_an_edit_tells_nobody_who_was_mentioned_before(hao: User, ming: User) -> None:
    comment = say(ming, f"thank you @[x](user:{hao.id}) for the hint")
    with db.session_scope() as session:
        session.execute(delete(Notification))
    change(ming, comment, f"thanks @[x](user:{hao.id}) for the good hint")
    assert told(hao) == []


def test_who_is_answered_is_not_told_again_that_an_edit_mentions_them(hao: User, ming: User) -> None:
    comment = say(ming, to=say(hao))
    change(ming, comment, f"thank you @[x](user:{hao.id}) for the hint")
    assert kinds(hao) == [Kind.REPLY]


def test_a_mention_in_an_edit_that_waits_for_a_moderator_is_told_once_it_can_be_seen(
    hao: User, ming: User, lecturer: User
) -> None:
    comment = say(ming)
    for _number in range(spam.REJECTED):
        decide(lecturer, say(ming), Decision.REJECT, "spam")
    change(ming, comment, f"thank you @[x](user:{hao.id}) for the hint")
    assert told(hao) == []
    decide(lecturer, comment, Decision.APPROVE)
    assert kinds(hao) == [Kind.MENTION]


def test_edits_tell_no_more_people_than_a_new_comment_could(ming: User) -> None:
    others = [person(f"reader {number}") for number in range(MENTIONS_TOLD + 1)]
    comment = say(ming)
    for other in others:
        change(ming, comment, f"and now it is you, @[x](user:{other.id})")
    assert [len(told(other)) for other in others] == [1] * MENTIONS_TOLD + [0]


def test_a_mention_of_nobody_harms_nothing(ming: User) -> None:
    assert say(ming, f"thank you @[x](user:{uuid4()}) for the hint").state == CommentState.VISIBLE


def test_nobody_is_told_of_what_they_did_themselves(hao: User) -> None:
    say(hao, f"I am @[x](user:{hao.id}) myself", to=say(hao))
    assert told(hao) == []


def test_whose_training_is_talked_about_hears_of_it(hao: User, ming: User) -> None:
    with db.session_scope() as session:
        job = make_job(session, hao, shared_at=now())
    say(ming, place=job_place(job))
    assert kinds(hao) == [Kind.REPLY]


def test_a_comment_that_waits_for_a_moderator_is_told_once_it_can_be_seen(
    hao: User, ming: User, lecturer: User
) -> None:
    above = say(hao)
    with db.session_scope() as session:
        waiting = Comment(
            thread_id=above.thread_id,
            parent_id=above.id,
            author_id=ming.id,
            body="first!",
            html="",
            state="pending",
        )
        session.add(waiting)
        session.flush()
        spam.note_new(session, waiting)
    assert told(hao) == []
    decide(lecturer, waiting, Decision.APPROVE)
    assert kinds(hao) == [Kind.REPLY]
    assert kinds(ming) == [Kind.MODERATION]


def test_a_suspended_account_is_told_nothing(hao: User, ming: User) -> None:
    above = say(hao)
    with db.session_scope() as session:
        session.execute(update(User).where(User.id == hao.id).values(disabled_at=now()))
    say(ming, to=above)
    assert told(hao) == []
