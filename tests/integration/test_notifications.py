"""Who hears of what, once, in which way; the number at the bell; the page."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app import db, signals
from app.accounts.models import Role, User
from app.accounts.service import open_session
from app.board import editing, marks, moderation, service, spam
from app.board.models import Comment, CommentState
from app.board.moderation import Decision
from app.board.places import CLASS, job_place
from app.checkins.models import CheckIn
from app.clock import now
from app.courses.models import Lesson
from app.jobs.models import JobState
from app.jobs.service import request_cancellation
from app.live import topic_key
from app.notifications.listeners import MENTIONS_TOLD
from app.notifications.models import Kind, Notification, Way
from app.notifications.service import mark_read
from app.notifications.upkeep import AFTER_MIDNIGHT, tell_of_reviews, tidy_up
from app.redis import get_redis
from app.reviews.models import ReviewCard
from app.security.cookies import session_cookie_name
from tests.factories import make_job, make_user
from tests.integration.conftest import enter
from tests.integration.people import choose, decide, kinds, like, person, say, somebody, told, unread
from tests.integration.test_statements import cost

pytestmark = pytest.mark.usefixtures("redis")


@pytest.fixture(autouse=True)
def english(client: TestClient) -> None:
    client.cookies.set("language", "en", domain="127.0.0.1", path="/")


hao = somebody("小昊")
ming = somebody("Ming")
lecturer = somebody("Lecturer Lin", Role.LECTURER)


def page(client: TestClient, user: User) -> str:
    with db.session_scope() as session:
        token = open_session(session, user)
    client.cookies.set(session_cookie_name(), token, domain="127.0.0.1", path="/")
    answer = client.get("/notifications")
    assert answer.status_code == 200
    return answer.text


def change(author: User, comment: Comment, body: str) -> None:
    with db.session_scope() as session:
        editing.edit(session, session.get_one(User, author.id), comment.id, body)


# Who hears of a comment


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


# Other kinds


def test_the_author_hears_that_a_comment_is_featured(hao: User, lecturer: User) -> None:
    comment = say(hao)
    with db.session_scope() as session:
        marks.feature(session, session.get_one(User, lecturer.id), session.get_one(Comment, comment.id))
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
        service.take_like_back(session, session.get_one(User, ming.id), comment.id)
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
    with db.session_scope() as session:
        check_in = CheckIn(
            user_id=hao.id,
            local_date=now().date(),
            zone="Asia/Shanghai",
            kind="real",
            source="button",
            note="learnt",
        )
        session.add(check_in)
        session.flush()
        for fan in (ming.id, person_id(session, "Rui")):
            signals.cheered.send(session, check_in=check_in, by_id=fan)
    assert kinds(hao) == [Kind.CHEER]
    text = page(client, hao)
    assert "*i and 1 other cheer at your check-in." in text
    assert f'href="/check-ins/{check_in.id}"' in text


def person_id(session: Session, name: str) -> UUID:
    return make_user(session, name).id


@pytest.mark.parametrize("state", [JobState.SUCCEEDED, JobState.FAILED])
def test_a_training_that_ended_is_told(client: TestClient, hao: User, state: JobState) -> None:
    with db.session_scope() as session:
        job = make_job(session, hao, state=state)
        signals.job_ended.send(session, job=job)
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
    decide(lecturer, say(hao), Decision.REJECT, f"{moderation.REASONS['spam']}\nPlease read the rules.")
    assert "Why: advertising or spam – Please read the rules." in page(client, hao)
    client.cookies.set("language", "zh", domain="127.0.0.1", path="/")
    text = page(client, hao)
    assert "advertising" not in text and " – Please read the rules." in text


def test_each_decision_is_told(hao: User, lecturer: User) -> None:
    comment = say(hao)
    for decision in (Decision.WITHHOLD, Decision.APPROVE, Decision.WITHHOLD):
        decide(lecturer, comment, decision)
    assert kinds(hao) == [Kind.MODERATION] * 3


# Reviews


def due_card(user: User, lesson: UUID, key: str = "q1", due_at: datetime | None = None) -> None:
    with db.session_scope() as session:
        session.add(
            ReviewCard(
                user_id=user.id,
                lesson_id=lesson,
                question_key=key,
                due_at=due_at or now() - AFTER_MIDNIGHT,
                rating=3,
                memory={},
                memory_before={},
            )
        )


@pytest.fixture
def question(course: object) -> tuple[UUID, str]:
    """A lesson and the key of a question in it."""
    with db.session_scope(writes=False) as session:
        from sqlalchemy.orm import joinedload

        lessons = session.scalars(select(Lesson).options(joinedload(Lesson.published)))
        return next(
            (lesson.id, lesson.published.question_keys[0])
            for lesson in lessons
            if lesson.published.question_keys
        )


def test_who_has_something_to_review_is_told_at_most_once_a_day(
    hao: User, ming: User, question: tuple[UUID, str]
) -> None:
    due_card(hao, *question)
    due_card(ming, *question, due_at=now() - AFTER_MIDNIGHT + timedelta(hours=1))
    assert tell_of_reviews() == 1
    with db.session_scope() as session:
        mark_read(session, session.get_one(User, hao.id))
    assert tell_of_reviews() == 0
    assert kinds(hao) == [Kind.REVIEW]
    assert kinds(ming) == []


def test_the_next_day_it_is_told_again_unless_the_last_word_is_unread(
    hao: User, question: tuple[UUID, str]
) -> None:
    due_card(hao, *question)
    tell_of_reviews()
    with db.session_scope() as session:
        yesterday = {"created_at": now() - timedelta(days=1, minutes=1), "key": "review:yesterday"}
        session.execute(update(Notification).values(yesterday))
    assert tell_of_reviews() == 0
    with db.session_scope() as session:
        mark_read(session, session.get_one(User, hao.id))
    assert tell_of_reviews() == 1
    assert kinds(hao) == [Kind.REVIEW] * 2


# Ways


@pytest.mark.parametrize("kind", [Kind.REPLY, Kind.MENTION])
def test_a_kind_that_is_not_wanted_is_not_told(hao: User, ming: User, kind: Kind) -> None:
    choose(hao, kind, Way.NONE)
    say(ming, f"thank you @[x](user:{hao.id}) for the hint", to=say(hao) if kind == Kind.REPLY else None)
    assert told(hao) == []


def test_the_settings_keep_what_was_chosen_and_ignore_what_cannot_be_had(
    client: TestClient, session: Session, hao: User
) -> None:
    enter(client, session, hao)
    sent = client.post("/settings/notifications", data={"like": "none", "reply": "mail", "nonsense": "none"})
    assert sent.status_code == 303
    text = client.get("/settings/notifications").text
    assert re.search(r'name="like" value="none" checked', text)
    assert re.search(r'name="reply" value="page" checked', text)


def test_without_a_mail_server_no_mail_is_offered(client: TestClient, session: Session, hao: User) -> None:
    enter(client, session, hao)
    assert "mail" not in client.get("/settings/notifications").text.lower().partition("<main")[2]
    assert client.post("/settings/mail-address", data={"address": "hao@example.org"}).status_code == 404


# The bell


def test_the_bell_counts_what_is_unread_without_a_statement_of_its_own(
    client: TestClient, session: Session, hao: User, ming: User
) -> None:
    enter(client, session, hao)
    before = cost(client, "/jobs")
    say(ming, to=say(hao))
    text = client.get("/jobs").text
    assert re.search(r"data-bell-count>1<", text)
    assert 'aria-label="Notifications: 1 unread"' in text
    assert cost(client, "/jobs") == before


def test_pages_that_are_open_hear_of_the_new_count(hao: User, ming: User) -> None:
    say(ming, to=say(hao))
    entries = get_redis().xrange(topic_key(f"user:{hao.id}"))
    assert [(fields[b"type"], fields[b"data"]) for _, fields in entries] == [(b"unread", b'{"count":1}')]


def test_what_is_rolled_back_is_not_told(hao: User, ming: User) -> None:
    above = say(hao)
    with pytest.raises(RuntimeError), db.session_scope() as session:
        service.post(
            session, session.get_one(User, ming.id), CLASS, "lost in time", "k", 60, reply_to_id=above.id
        )
        raise RuntimeError
    assert told(hao) == [] and unread(hao) == 0
    assert get_redis().exists(topic_key(f"user:{hao.id}")) == 0


def test_many_at_once_are_counted_right(hao: User) -> None:
    above = say(hao)
    people = [person(f"reader {number}") for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda someone: say(someone, to=above), people))
    assert unread(hao) == len(told(hao)) == 12


def test_two_who_answer_each_other_at_the_same_moment_do_not_block_one_another(hao: User, ming: User) -> None:
    first, second = say(hao), say(ming)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda turn: say(*turn), [(hao, "", second), (ming, "", first)] * 5))
    assert unread(hao) == unread(ming) == 5


def test_a_comment_withdrawn_with_its_thread_is_counted_no_more_after_tidying(hao: User, ming: User) -> None:
    say(ming, to=say(hao))
    with db.session_scope() as session:
        session.execute(delete(Comment).where(Comment.author_id == ming.id))
    assert unread(hao) == 1
    tidy_up()
    assert unread(hao) == 0


def test_old_notifications_that_were_read_go(hao: User, ming: User) -> None:
    for _ in range(2):
        say(ming, to=say(hao))
    with db.session_scope() as session:
        old = told(hao)[0].id
        session.execute(
            update(Notification).where(Notification.id == old).values(read_at=now() - timedelta(days=91))
        )
    tidy_up()
    assert [notification.id == old for notification in told(hao)] == [False]


# The page


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
        moderation.delete(session, session.get_one(User, ming.id), reply.id)
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
    client.post(f"/notifications/{told(hao)[0].id}/reading")
    assert unread(hao) == 1


def test_a_visitor_is_asked_to_sign_in(client: TestClient) -> None:
    assert (
        client.get("/notifications", headers={"Accept": "text/html"})
        .headers["location"]
        .startswith("/sign-in")
    )


def fill(user: User, actor: User, number: int) -> None:
    """So many notifications, several at the same moment."""
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
        if len(seen) == 20:  # one more comes while somebody leafs: nothing moves
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
