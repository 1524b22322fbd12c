"""The rules against spam, one by one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, func, select, text, update
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.board import queries, service, states
from app.board.models import Comment, CommentState, ModerationAct
from app.board.places import CLASS
from app.board.writing import spam
from app.core.clock import now
from app.core.config import get_settings
from app.core.db import session_scope
from app.core.errors import Forbidden, Invalid
from tests.factories import make_user
from tests.integration.board.written import age, say
from tests.integration.conftest import ON_SQLITE, enter

pytestmark = pytest.mark.usefixtures("redis", "_rules")
SLOW = 60.0


@pytest.fixture
def _rules(configure: Callable[..., None]) -> None:
    """With an installation's defaults."""
    configure(new_user_hours=24, new_user_comments=3)


@pytest.fixture
def newcomer(session: Session) -> User:
    """An account created today, with one visible comment."""
    user = make_user(session, "小昊")
    say(session, user, ago=timedelta(minutes=10))
    return user


@pytest.fixture
def member(session: Session) -> User:
    """An account created last week, with three visible comments."""
    user = age(session, make_user(session, "Ming"), days=7)
    for day in (3, 4, 5):
        say(session, user, ago=timedelta(days=day))
    return user


def post(
    session: Session, user: User, body: str, *, typed: float = SLOW, to: Comment | None = None
) -> Comment:
    return service.post(session, user, CLASS, body, str(uuid4()), typed, reply_to_id=to.id if to else None)


def sentence(error: pytest.ExceptionInfo[Invalid]) -> str:
    return error.value.fields["body"]


def test_a_new_user_writes_one_comment_in_30_seconds(session: Session, newcomer: User) -> None:
    post(session, newcomer, "How does a filter find an edge?")
    with pytest.raises(Invalid) as error:
        post(session, newcomer, "And how does it find a corner?")
    assert "30" in sentence(error)


def test_of_ten_comments_that_a_new_user_sends_at_once_one_is_stored(
    session: Session, newcomer: User
) -> None:
    session.commit()

    def try_to_post(number: int) -> bool:
        with session_scope() as own:
            try:
                post(own, own.get_one(User, newcomer.id), f"This is question number {number}.")
            except Invalid:
                return False
        return True

    with ThreadPoolExecutor(10) as threads:
        stored = list(threads.map(try_to_post, range(10)))
    assert stored.count(True) == 1


def test_after_30_seconds_a_new_user_may_write_again(session: Session, newcomer: User) -> None:
    say(session, newcomer, ago=timedelta(seconds=31))
    assert post(session, newcomer, "And how does it find a corner?").state == CommentState.VISIBLE


def test_a_member_may_write_two_comments_in_a_row(session: Session, member: User) -> None:
    post(session, member, "How does a filter find an edge?")
    assert post(session, member, "And how does it find a corner?").state == CommentState.VISIBLE


def test_an_old_account_with_fewer_than_three_comments_that_stand_is_still_new(session: Session) -> None:
    user = age(session, make_user(session), days=100)
    say(session, user, ago=timedelta(seconds=5))
    with pytest.raises(Invalid):
        post(session, user, "How does a filter find an edge?")


def test_a_lecturer_is_never_new(session: Session) -> None:
    lecturer = make_user(session, role=Role.LECTURER)
    post(session, lecturer, "Welcome, all of you!", typed=0)
    assert post(session, lecturer, "The first lesson is open.").state == CommentState.VISIBLE


def test_a_new_user_answers_ten_times_on_day_one_and_no_more(session: Session, newcomer: User) -> None:
    start = say(session, make_user(session))
    for number in range(9):
        say(session, newcomer, ago=timedelta(minutes=number + 1), parent=start)
    tenth = post(session, newcomer, "This is my tenth answer.", to=start)
    tenth.created_at -= timedelta(minutes=1)
    session.flush()
    with pytest.raises(Invalid):
        post(session, newcomer, "This is my eleventh answer.", to=start)
    assert post(session, newcomer, "But I may begin something.").state == CommentState.VISIBLE


def test_on_the_second_day_there_is_no_limit_on_answers(session: Session, newcomer: User) -> None:
    start = say(session, make_user(session))
    for number in range(10):
        say(session, newcomer, ago=timedelta(minutes=number + 1), parent=start)
    age(session, newcomer, days=1.1)
    assert post(session, newcomer, "Good morning to you all!", to=start).state == CommentState.VISIBLE


@ON_SQLITE
@pytest.mark.parametrize(
    "body",
    [
        "Three: https://a.example https://b.example https://c.example",
        "Look [here](https://a.example), [there](http://b.example) and at www.c.example",
        r"[One](https\://a.example) [two](https\://b.example) [three](https\://c.example)",
        "[One](https&colon;//a.example) [two](https&#58;//b.example) [three](<https:&#47;/c.example>)",
        "Write [me](mailto:a@a.example), [me](mailto:b@a.example) or [me](mailto:c@a.example)",
        "看https://a.example，https://b.example和https://c.example。",
    ],
)
def test_a_new_user_may_not_put_three_links_into_a_comment(
    session: Session, newcomer: User, body: str
) -> None:
    with pytest.raises(Invalid) as error:
        post(session, newcomer, body)
    assert error.value.fields


def test_a_new_user_may_put_two_links_into_a_comment(session: Session, newcomer: User) -> None:
    body = "See https://a.example and https://b.example, https://a.example again"
    assert post(session, newcomer, body).state == CommentState.VISIBLE


def test_links_within_the_classroom_do_not_count(session: Session, newcomer: User) -> None:
    here = f"{get_settings().public_url}/courses/deep-learning"
    body = " ".join(f"{here}/{name}" for name in ("one", "two", "three"))
    assert post(session, newcomer, body).state == CommentState.VISIBLE


@pytest.mark.parametrize("elsewhere", ["{own}.evil.example", "{own}@evil.example", "{own}:81"])
def test_an_address_that_only_begins_as_the_classrooms_counts(
    session: Session, newcomer: User, configure: Callable[..., None], elsewhere: str
) -> None:
    configure(public_url="https://class.example")
    address = elsewhere.format(own="https://class.example")
    with pytest.raises(Invalid):
        post(session, newcomer, " ".join(f"{address}/{number}" for number in range(3)))


def test_addresses_that_lead_nowhere_do_not_count(session: Session, newcomer: User) -> None:
    body = "I ran `wget https://a.example/1 https://a.example/2 https://a.example/3`, in vain."
    assert post(session, newcomer, body).state == CommentState.VISIBLE


def test_a_member_may_put_three_links_into_a_comment(session: Session, member: User) -> None:
    body = "https://a.example https://b.example https://c.example"
    assert post(session, member, body).state == CommentState.VISIBLE


def test_nobody_may_write_the_same_again_within_five_minutes(session: Session, member: User) -> None:
    post(session, member, "Did anyone get 99% in lesson 11?")
    with pytest.raises(Invalid):
        post(session, member, "  Did anyone get 99% in lesson 11?\r\n")


def test_after_five_minutes_the_same_may_be_said_again(session: Session, member: User) -> None:
    say(session, member, "打卡", ago=timedelta(minutes=5, seconds=1))
    assert post(session, member, "打卡").state == CommentState.VISIBLE


def test_the_same_is_refused_however_much_its_author_wrote_in_between(session: Session, member: User) -> None:
    post(session, member, "Did anyone get 99% in lesson 11?")
    for number in range(200):
        post(session, member, f"Other words, number {number}")
    with pytest.raises(Invalid):
        post(session, member, "Did anyone get 99% in lesson 11?")


def test_texts_that_only_begin_alike_are_not_the_same(session: Session, member: User) -> None:
    beginning = "这两句话的开头完全一样，长过二十四个字，后面才说各自的问题："
    post(session, member, f"{beginning}步长怎么选？")
    assert post(session, member, f"{beginning}批量怎么选？").state == CommentState.VISIBLE


def test_the_same_words_are_found_by_their_index(session: Session) -> None:
    connection = session.connection()
    is_sqlite = connection.dialect.name == "sqlite"
    if not is_sqlite:
        session.execute(text("set local enable_seqscan = off"))  # the table is empty

    @event.listens_for(connection, "before_cursor_execute", retval=True)
    def explain(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> Any:
        return f"explain {'query plan' if is_sqlite else ''} {statement}", parameters

    values = {"author": uuid4(), "body": "打卡", "since": now(), "edited": None}
    plan = str(connection.execute(select(spam.PAST[1]), values).cursor.fetchall())
    found = "(author_id=? AND <expr>=?)" if is_sqlite else "1, 24) = "
    assert "ix_comments_author_id_beginning" in plan and found in plan, plan


def test_two_people_may_say_the_same(session: Session, member: User) -> None:
    say(session, make_user(session), "打卡", ago=timedelta(seconds=10))
    assert post(session, member, "打卡").state == CommentState.VISIBLE


def test_a_first_post_typed_in_under_3_seconds_is_withheld_and_the_reason_is_logged(session: Session) -> None:
    comment = post(session, make_user(session), "Buy cheap watches now!", typed=2.9)
    assert comment.state == CommentState.WITHHELD
    act = session.scalars(select(ModerationAct)).one()
    assert (act.comment_id, act.actor_id, act.state_before, act.state_after) == (
        comment.id,
        None,
        "new",
        "withheld",
    )
    assert act.reason == spam.REASONS[CommentState.WITHHELD]


def test_a_first_post_sent_as_soon_as_the_form_is_there_is_withheld_by_its_stamp(
    client: TestClient, session: Session, student: User
) -> None:
    page = client.get("/board").text
    stamp = page.partition('name="stamp" value="')[2].partition('"')[0]
    assert spam.seconds_typed(student, stamp) < spam.FIRST_POST_SECONDS
    fields = {"body": "Buy cheap watches now!", "request_key": "k", "stamp": stamp}
    assert client.post("/threads/class/comments", data=fields).status_code == 303
    assert session.scalars(select(Comment.state)).one() == CommentState.WITHHELD
    assert session.scalars(select(ModerationAct.reason)).one() == spam.REASONS[CommentState.WITHHELD]


def test_a_first_post_that_took_3_seconds_is_seen_at_once(session: Session) -> None:
    assert post(session, make_user(session), "Hello, I am new here.", typed=3.1).state == CommentState.VISIBLE


def test_a_second_post_may_be_typed_as_quickly_as_one_can(session: Session, newcomer: User) -> None:
    assert post(session, newcomer, "I have found it myself.", typed=0.5).state == CommentState.VISIBLE


def test_an_author_with_3_of_the_last_10_rejected_waits_for_a_moderator(
    session: Session, member: User
) -> None:
    for hours in (1, 2, 3):
        say(session, member, ago=timedelta(hours=hours), state=CommentState.REJECTED)
    comment = post(session, member, "This time it is worth reading.")
    assert comment.state == CommentState.PENDING
    act = session.scalars(select(ModerationAct)).one()
    assert (act.act, act.reason) == ("hold", spam.REASONS[CommentState.PENDING])


def test_two_rejections_do_not_yet_make_an_author_wait(session: Session, member: User) -> None:
    for hours in (1, 2):
        say(session, member, ago=timedelta(hours=hours), state=CommentState.REJECTED)
    assert post(session, member, "This time it is worth reading.").state == CommentState.VISIBLE


def test_only_the_last_10_that_were_decided_count(session: Session, member: User) -> None:
    for hours in (100, 101, 102):
        say(session, member, ago=timedelta(hours=hours), state=CommentState.REJECTED)
    for hours in range(1, 9):
        say(session, member, ago=timedelta(hours=hours))
    for minutes in range(1, 5):
        say(session, member, ago=timedelta(minutes=minutes), state=CommentState.WITHHELD)
    assert post(session, member, "I have become a good writer.").state == CommentState.VISIBLE


def test_an_author_who_goes_on_writing_goes_on_waiting(session: Session, member: User) -> None:
    """However many comments are waiting already."""
    for hours in (1, 2, 3):
        say(session, member, ago=timedelta(hours=hours), state=CommentState.REJECTED)
    for minutes in range(50):
        say(session, member, ago=timedelta(minutes=minutes), state=CommentState.PENDING)
    assert post(session, member, "This time it is worth reading.").state == CommentState.PENDING


def test_what_a_moderator_deleted_counts_as_rejected(session: Session, member: User) -> None:
    lecturer = make_user(session, role=Role.LECTURER)
    for hours in (1, 2, 3):
        comment = say(session, member, ago=timedelta(hours=hours))
        states.delete(session, lecturer, comment.id, "advertising or spam")
    assert post(session, member, "This time it is worth reading.").state == CommentState.PENDING


def test_what_a_moderator_deleted_and_brought_back_counts_as_it_stands(
    session: Session, member: User
) -> None:
    lecturer = make_user(session, role=Role.LECTURER)
    for hours in (1, 2, 3):
        comment = say(session, member, ago=timedelta(hours=hours))
        states.delete(session, lecturer, comment.id, "advertising or spam")
        states.restore(session, lecturer, comment.id)
    assert post(session, member, "This time it is worth reading.").state == CommentState.VISIBLE


def test_what_its_author_deleted_counts_as_nothing(session: Session, member: User) -> None:
    """It makes nobody a member, nobody suspect, and hides no rejection."""
    newcomer = age(session, make_user(session), days=7)
    for user in (newcomer, member):
        for hours in range(1, 13):
            states.delete(session, user, say(session, user, ago=timedelta(hours=hours)).id)
    say(session, newcomer, ago=timedelta(seconds=5))
    with pytest.raises(Invalid):
        post(session, newcomer, "How does a filter find an edge?")
    assert post(session, member, "Good morning to you all!").state == CommentState.VISIBLE
    for days in (6, 7, 8):
        say(session, member, ago=timedelta(days=days), state=CommentState.REJECTED)
    assert post(session, member, "This time it is worth reading.").state == CommentState.PENDING


def test_deleting_what_was_rejected_is_no_way_out(session: Session, member: User) -> None:
    for hours in (1, 2, 3):
        rejected = say(session, member, ago=timedelta(hours=hours), state=CommentState.REJECTED)
        states.delete(session, member, rejected.id)
    assert post(session, member, "This time it is worth reading.").state == CommentState.PENDING


def test_a_suspended_account_cannot_post_although_its_page_was_open(session: Session, member: User) -> None:
    session.commit()
    suspension = update(User).where(User.id == member.id).values(disabled_at=now())
    session.execute(suspension.execution_options(synchronize_session=False))
    with pytest.raises(Forbidden):
        post(session, member, "I am still here, am I not?")


def test_a_suspension_hides_nothing_that_was_written(session: Session, member: User) -> None:
    member.disabled_at = now()
    session.flush()
    shown = select(func.count(Comment.id)).where(Comment.state == CommentState.VISIBLE)
    assert session.scalar(shown) == 3


def test_the_form_says_how_long_it_was_open(session: Session) -> None:
    user = make_user(session)
    assert 0 <= spam.seconds_typed(user, spam.form_stamp(user)) < SLOW


@pytest.mark.parametrize("stamp", ["", "0.", "1.000.abc", "nan.0"])
def test_a_stamp_that_is_not_ours_counts_as_no_time_at_all(session: Session, stamp: str) -> None:
    assert spam.seconds_typed(make_user(session), stamp) == 0


def test_somebody_elses_stamp_counts_as_no_time_at_all(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = make_user(session), make_user(session)
    real = spam.now
    monkeypatch.setattr(spam, "now", lambda: real() - timedelta(hours=1))
    stamp = spam.form_stamp(one)
    monkeypatch.undo()
    assert spam.seconds_typed(one, stamp) > 3500
    assert spam.seconds_typed(other, stamp) == 0


def test_a_comment_that_was_withheld_from_the_start_was_never_seen(session: Session) -> None:
    comment = post(session, make_user(session), "Buy cheap watches now!", typed=0)
    assert not queries.was_seen(session, comment.id)
    assert queries.was_seen(session, say(session, make_user(session)).id)


def test_a_refused_comment_comes_back_with_its_text_and_the_sentence(
    client: TestClient, session: Session, newcomer: User
) -> None:
    say(session, newcomer)
    enter(client, session, newcomer)
    answer = client.post(
        "/threads/class/comments", data={"body": "How does <b> find an edge?", "request_key": "k"}
    )
    assert answer.status_code == 422
    assert "How does &lt;b&gt; find an edge?" in answer.text
    assert "30 秒" in answer.text or "30 seconds" in answer.text
