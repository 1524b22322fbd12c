"""Answered questions come back: cards, their days, the day's review."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.checkins.models import CheckIn, UserZone
from app.core import db
from app.core.clock import now
from app.courses.models import Lesson
from app.publishing.loader import load_course
from app.quizzes.events import ReviewDone
from app.quizzes.models import QuizAttempt
from app.quizzes.pages import Shuffle
from app.reviews import presenters, queries, service
from app.reviews.models import ReviewCard
from app.reviews.schedule import Rating
from tests.factories import make_user
from tests.integration.conftest import ON_SQLITE, enter
from tests.integration.quizzes.quiz_lesson import EXPLANATIONS, KEYS, LESSON
from tests.integration.statements import asking_for_a_lock, cost
from tests.listening import listening

pytestmark = pytest.mark.usefixtures("lessons", "in_english")

FRAGMENT = {"X-Fragment": "1"}
A_DAY = timedelta(days=1)


@pytest.fixture
def lesson_id(lessons: None) -> UUID:
    with db.session_scope(writes=False) as session:
        return session.scalars(select(Lesson.id).where(Lesson.slug == "00-start")).one()


def chosen(lesson_id: UUID, number: int) -> dict[str, str]:
    """The form with one of the options of "largest": 0 is wrong, 1 is right."""
    return {"choice": Shuffle(str(lesson_id)).token("largest", number)}


def answer_in_lesson(client: TestClient, lesson_id: UUID, number: int) -> Response:
    return client.post(f"{LESSON}/questions/largest/attempts", data=chosen(lesson_id, number))


def cards() -> list[ReviewCard]:
    with db.session_scope(writes=False) as session:
        return list(session.scalars(select(ReviewCard)))


def the_card() -> ReviewCard:
    (card,) = cards()
    return card


def let_days_pass(days: float) -> None:
    """Move everything that happened so far back by this many days."""
    with db.session_scope() as session:
        for card in session.scalars(select(ReviewCard)):
            card.due_at -= days * A_DAY
            card.reviewed_at -= days * A_DAY
            memory = card.memory
            card.memory = memory | {
                name: (datetime.fromisoformat(memory[name]) - days * A_DAY).isoformat()
                for name in ("reviewed_at", "due_at")
            }


@pytest.fixture
def due_card(client: TestClient, student: User, lesson_id: UUID) -> ReviewCard:
    """A due card of the signed-in student: "largest", answered correctly some days ago."""
    answer_in_lesson(client, lesson_id, 1)
    let_days_pass(5)
    return the_card()


@pytest.fixture
def heard() -> Iterator[list[ReviewDone]]:
    """Asserts that cards were reviewed."""
    with listening(ReviewDone) as found:
        yield found


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """The server's clock as reviews read it: `clock("2026-03-01T08:00")`, in UTC."""

    def set_to(text: str) -> None:
        for module in (service, presenters):
            monkeypatch.setattr(module, "now", lambda: datetime.fromisoformat(text).replace(tzinfo=UTC))

    return set_to


# Cards


def test_every_question_answered_becomes_a_card(client: TestClient, student: User) -> None:
    for key in ("third", "loss"):
        client.post(f"{LESSON}/questions/{key}/attempts", data={"answer": "1"})
    assert {card.question_key for card in cards()} == {"third", "loss"}
    assert {card.user_id for card in cards()} == {student.id}


def test_a_visitors_answer_makes_no_card(client: TestClient, lesson_id: UUID) -> None:
    assert answer_in_lesson(client, lesson_id, 1).status_code == 200
    assert cards() == []


def test_a_readers_own_time_zone_says_when_the_day_of_a_card_begins(
    client: TestClient, student: User, lesson_id: UUID
) -> None:
    with db.session_scope() as session:
        session.add(UserZone(user_id=student.id, from_date=date(2020, 1, 1), zone="America/New_York"))
    answer_in_lesson(client, lesson_id, 0)
    begins = the_card().due_at.astimezone(ZoneInfo("America/New_York"))
    assert begins.time() == time()


def test_a_change_of_zone_leaves_each_card_its_date_which_begins_at_the_new_midnight(
    client: TestClient, student: User, lesson_id: UUID
) -> None:
    answer_in_lesson(client, lesson_id, 1)
    dates = []
    for zone in ("America/New_York", "Asia/Shanghai"):
        dates.append(the_card().due_at.astimezone(ZoneInfo("Asia/Shanghai")).date())
        client.post("/check-ins/zone", data={"zone": zone})
        begins = the_card().due_at.astimezone(ZoneInfo(zone))
        assert (begins.date(), begins.time()) == (dates[0], time())


def test_the_same_question_answered_again_at_once_changes_no_card(
    client: TestClient, student: User, lesson_id: UUID
) -> None:
    """The explanation has just been read: a correct answer now says nothing about memory."""
    answer_in_lesson(client, lesson_id, 0)
    before = the_card()
    due_at, memory = before.due_at, before.memory
    answer_in_lesson(client, lesson_id, 1)
    after = the_card()
    assert (after.due_at, after.memory, after.rating, after.reviews) == (due_at, memory, Rating.Again, 1)


def test_an_answer_in_the_lesson_days_later_renews_no_card(
    client: TestClient, lesson_id: UUID, due_card: ReviewCard, heard: list[ReviewDone]
) -> None:
    """The lesson shows the earlier answer and its explanation."""
    assert "LARGE-WHY" in client.get(LESSON).text
    answer_in_lesson(client, lesson_id, 1)
    card = the_card()
    assert (card.reviews, card.due_at, heard) == (1, due_card.due_at, [])
    assert "Which is the largest" in client.get("/review").text


TRAVELS = {
    # Summer time ends: a day of 25 hours.
    "autumn": ([("2020-01-01", "America/New_York")], "2026-11-01T04:20", "2026-11-02T05:00"),
    # New York was chosen on 1 March, in Shanghai: that day has 37 hours.
    "west": ([("2026-03-02", "America/New_York")], "2026-03-01T00:10", "2026-03-02T05:00"),
}


@pytest.mark.parametrize(("zones", "answered", "next_day"), TRAVELS.values(), ids=TRAVELS)
def test_what_was_answered_is_not_asked_again_on_the_same_day_however_long_it_is(
    client: TestClient,
    session: Session,
    student: User,
    lesson_id: UUID,
    clock: Callable[[str], None],
    zones: list[tuple[str, str]],
    answered: str,
    next_day: str,
) -> None:
    for day, zone in zones:
        session.add(UserZone(user_id=student.id, from_date=date.fromisoformat(day), zone=zone))
    session.commit()
    clock(answered)
    answer_in_lesson(client, lesson_id, 0)
    for moment in (answered, next_day.replace("T05:00", "T04:59")):
        clock(moment)
        assert "Which is the largest" not in client.get("/review").text
        client.post(f"/review/cards/{the_card().id}/answers", data=chosen(lesson_id, 0))
        assert the_card().reviews == 1
    clock(next_day)
    assert "Which is the largest" in client.get("/review").text


def test_a_card_is_unique_for_user_lesson_and_question_when_two_answers_come_at_once(
    client: TestClient, student: User, lesson_id: UUID
) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: answer_in_lesson(client, lesson_id, 1), range(8)))
    assert {answer.status_code for answer in answers} == {303}
    assert the_card().reviews == 1


# The review


def test_the_review_asks_what_is_due_without_its_answer(client: TestClient, due_card: ReviewCard) -> None:
    page = client.get("/review").text
    assert "Which is the largest" in page
    assert not [word for word in EXPLANATIONS if word in page]
    assert " checked" not in page[page.index("<main") :]


def test_the_page_of_a_card_asks_it_as_long_as_it_is_due(client: TestClient, due_card: ReviewCard) -> None:
    page = client.get(f"/review/cards/{due_card.id}").text
    assert "Which is the largest" in page
    assert not [word for word in EXPLANATIONS if word in page]
    assert " checked" not in page[page.index("<main") :] and "Comes back" not in page


def test_what_is_not_due_is_not_asked_and_the_page_says_when_it_is(
    client: TestClient, student: User, lesson_id: UUID
) -> None:
    answer_in_lesson(client, lesson_id, 1)
    page = client.get("/review").text
    assert "Which is the largest" not in page
    assert the_card().due_at.isoformat() in page


def test_a_reader_who_never_answered_is_told_how_it_begins(client: TestClient, student: User) -> None:
    assert "Every question that you answer" in client.get("/review").text


def test_cards_come_ten_at_a_time(
    client: TestClient, student: User, lesson_id: UUID, course_folder: Path
) -> None:
    quiz = course_folder / "00-start" / "quiz.toml"
    keys = [f"more-{number}" for number in range(12)]
    quiz.write_text(
        quiz.read_text()
        + "".join(
            f'\n[[questions]]\nkey = "{key}"\nkind = "number"\nprompt = {{ zh = "{key}", en = "{key}" }}\nanswer = 1\n'
            'why = { zh = "。", en = "." }\n'
            for key in keys
        )
    )
    for language in ("zh", "en"):
        text = course_folder / "00-start" / f"{language}.md"
        text.write_text(text.read_text() + f"\n::: quiz {' '.join(keys)}\n:::\n")
    with db.session_scope() as writing:
        load_course(writing, course_folder)
    for key in keys:
        client.post(f"{LESSON}/questions/{key}/attempts", data={"answer": "1"})
    let_days_pass(5)
    page = client.get("/review").text
    assert page.count('class="question"') == 10
    assert "12 questions to remember" in page
    with db.session_scope(writes=False) as reading:
        due = queries.due_cards(reading, student.id, now(), 10)
    for card, _lesson in due:
        client.post(f"/review/cards/{card.id}/answers", data={"answer": "1"})
    assert client.get("/review").text.count('class="question"') == 2


def test_a_right_answer_in_the_review_sends_the_card_away_and_is_kept_as_an_attempt(
    client: TestClient, lesson_id: UUID, due_card: ReviewCard
) -> None:
    sent = client.post(f"/review/cards/{due_card.id}/answers", data=chosen(lesson_id, 1))
    assert sent.status_code == 303
    assert "LARGE-WHY" in client.get(sent.headers["location"]).text
    assert the_card().due_at > now() + 2 * A_DAY
    assert "Which is the largest" not in client.get("/review").text
    with db.session_scope(writes=False) as session:
        assert session.scalar(select(func.count(QuizAttempt.id))) == 2


def test_a_wrong_answer_in_the_review_comes_back_within_a_day(
    client: TestClient, lesson_id: UUID, due_card: ReviewCard
) -> None:
    client.post(f"/review/cards/{due_card.id}/answers", data=chosen(lesson_id, 0))
    card = the_card()
    assert card.rating == Rating.Again and card.due_at < now() + A_DAY


def test_after_a_right_answer_it_may_be_called_easy_or_hard(
    client: TestClient, lesson_id: UUID, due_card: ReviewCard
) -> None:
    client.post(f"/review/cards/{due_card.id}/answers", data=chosen(lesson_id, 1))
    days = {}
    for rating in ("easy", "hard", "good", "easy"):
        assert client.post(f"/review/cards/{due_card.id}/rating", data={"rating": rating}).status_code == 303
        days[rating] = the_card().due_at
    assert days["hard"] < days["good"] < days["easy"]
    assert the_card().rating == Rating.Easy


def test_a_wrong_answer_cannot_be_called_easy(
    client: TestClient, lesson_id: UUID, due_card: ReviewCard
) -> None:
    client.post(f"/review/cards/{due_card.id}/answers", data=chosen(lesson_id, 0))
    assert client.post(f"/review/cards/{due_card.id}/rating", data={"rating": "easy"}).status_code == 409
    assert the_card().rating == Rating.Again


@pytest.mark.parametrize("again", [LESSON + "/questions/largest/attempts", "/review/cards/{}/answers"])
def test_after_a_wrong_answer_the_right_one_of_before_can_no_longer_be_called_easy(
    client: TestClient, lesson_id: UUID, due_card: ReviewCard, again: str
) -> None:
    client.post(f"/review/cards/{due_card.id}/answers", data=chosen(lesson_id, 1))
    client.post(again.format(due_card.id), data=chosen(lesson_id, 0))
    page = client.get(f"/review/cards/{due_card.id}").text
    assert "Comes back in" in page and 'value="easy"' not in page
    assert client.post(f"/review/cards/{due_card.id}/rating", data={"rating": "easy"}).status_code == 409
    assert the_card().rating == Rating.Good


@ON_SQLITE
def test_ratings_are_slowed_down(
    client: TestClient, due_card: ReviewCard, configure: Callable[..., None]
) -> None:
    configure(rate_limits="true")
    address = f"/review/cards/{due_card.id}/rating"
    answers = [client.post(address, data={"rating": "no-such"}).status_code for _ in range(121)]
    assert answers == [404] * 120 + [429]


def test_a_script_gets_the_answered_question_alone(
    client: TestClient, lesson_id: UUID, due_card: ReviewCard
) -> None:
    answer = client.post(f"/review/cards/{due_card.id}/answers", data=chosen(lesson_id, 1), headers=FRAGMENT)
    assert "<html" not in answer.text and "LARGE-WHY" in answer.text
    assert 'value="easy"' in answer.text
    mended = client.post(f"/review/cards/{due_card.id}/rating", data={"rating": "easy"}, headers=FRAGMENT)
    assert mended.text.strip().startswith('<div class="review-rating"')


def test_an_answer_that_cannot_be_graded_is_said_and_counts_for_nothing(
    client: TestClient, session: Session, due_card: ReviewCard
) -> None:
    answer = client.post(f"/review/cards/{due_card.id}/answers", data={})
    assert answer.status_code == 422
    assert "Please choose an answer first." in answer.text
    assert the_card().reviews == 1


def test_a_question_that_is_gone_from_its_lesson_drops_out(
    client: TestClient, course_folder: Path, due_card: ReviewCard
) -> None:
    for language in ("zh", "en"):
        text = course_folder / "00-start" / f"{language}.md"
        text.write_text(text.read_text().replace("::: quiz largest odd", "::: quiz odd"))
    with db.session_scope() as session:
        load_course(session, course_folder)
    assert "Which is the largest" not in client.get("/review").text
    assert client.get(f"/review/cards/{due_card.id}").status_code == 404


def test_somebody_elses_card_is_not_found(
    client: TestClient, session: Session, lesson_id: UUID, due_card: ReviewCard
) -> None:
    enter(client, session, make_user(session))
    assert client.get(f"/review/cards/{due_card.id}").status_code == 404
    assert client.post(f"/review/cards/{due_card.id}/answers", data=chosen(lesson_id, 1)).status_code == 404
    assert client.post(f"/review/cards/{due_card.id}/rating", data={"rating": "easy"}).status_code == 404


def test_an_answered_card_counts_as_the_days_act_of_learning_once(
    client: TestClient, lesson_id: UUID, due_card: ReviewCard, heard: list[ReviewDone]
) -> None:
    for _ in range(2):  # a double click
        client.post(f"/review/cards/{due_card.id}/answers", data=chosen(lesson_id, 1))
    assert heard == [ReviewDone(due_card.user_id, 1)]


def sources_of_check_ins() -> list[str]:
    with db.session_scope(writes=False) as session:
        return list(session.scalars(select(CheckIn.source)))


def test_the_day_of_a_review_says_that_it_came_from_one(
    client: TestClient, lesson_id: UUID, due_card: ReviewCard
) -> None:
    """Although answering a question is an act of learning in its own right."""
    with db.session_scope() as session:
        session.execute(delete(CheckIn))
    client.post(f"/review/cards/{due_card.id}/answers", data={})
    assert sources_of_check_ins() == []
    client.post(f"/review/cards/{due_card.id}/answers", data=chosen(lesson_id, 1))
    assert sources_of_check_ins() == ["review"]


def test_two_answers_at_the_same_moment_count_once(
    student: User, lesson_id: UUID, due_card: ReviewCard, heard: list[ReviewDone]
) -> None:
    """The second waits for the first, and then finds the card answered."""

    def answer() -> None:
        with db.session_scope() as writing:
            card, lesson = service.get_card(writing, student, due_card.id)
            service.answer_card(writing, student, card, lesson, {"chosen": [1]})

    with ThreadPoolExecutor(1) as pool:
        with db.session_scope() as writing:
            card, lesson = service.get_card(writing, student, due_card.id)
            with asking_for_a_lock() as is_waiting:
                second = pool.submit(answer)
                assert is_waiting.wait(60)
            service.answer_card(writing, student, card, lesson, {"chosen": [1]})
        second.result()
    assert (heard, the_card().reviews) == ([ReviewDone(student.id, 1)], 2)


def test_the_home_page_says_how_many_cards_wait(
    client: TestClient, student: User, due_card: ReviewCard
) -> None:
    from app.reviews import listeners
    from app.web import slots

    with db.session_scope(writes=False) as session:
        assert "1 " in listeners.cards_to_review(None, session, None, student)
        assert listeners.cards_to_review in slots.today._providers
        assert listeners.cards_to_review(None, session, None, None) is None


def test_a_page_of_ten_costs_as_few_statements_as_one_of_one(
    client: TestClient, student: User, session: Session, due_card: ReviewCard
) -> None:
    one = cost(client, "/review")
    for key in KEYS[1:]:
        session.add(
            ReviewCard(
                user_id=student.id,
                lesson_id=due_card.lesson_id,
                question_key=key,
                due_at=now(),
                rating=3,
                memory={},
                memory_before={},
            )
        )
    session.commit()
    assert cost(client, "/review") == one <= 4
