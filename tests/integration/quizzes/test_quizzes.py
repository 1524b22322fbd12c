import re
from html import unescape

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board.places import find_place
from app.board.service import post
from app.core import db
from app.courses.models import Lesson, LessonRevision
from app.quizzes.models import QuizAttempt
from tests.factories import make_user
from tests.integration.conftest import ON_SQLITE, enter
from tests.integration.quizzes.quiz_lesson import EXPLANATIONS, KEYS, LESSON

pytestmark = pytest.mark.usefixtures("lessons", "in_english")

FRAGMENT = {"X-Fragment": "1"}


def question(page: str, key: str) -> str:
    """The HTML of one question."""
    return re.search(rf'<form class="question" id="question-{key}".*?</form>', page, re.DOTALL)[0]


def tokens(html: str) -> dict[str, str]:
    """The form's token of an option or item, by its text."""
    found = re.findall(
        r'(?:value="|name="choice-|name="place-)([0-9a-f]{12})".*?<span(?: class="order-text")?>(.*?)</span>',
        html,
        re.DOTALL,
    )
    return {unescape(re.sub(r"<[^>]*>", "", text)).strip(): token for token, text in found}


def answer(client: TestClient, key: str, *, headers: dict[str, str] | None = None, **typed: str) -> Response:
    """Answer a question like its form: `choose="three"`, `check="a|b"`, `order="a|b|c"` by texts, or `answer=` as typed."""
    named = tokens(question(client.get(LESSON).text, key))
    fields = {"answer": typed["answer"]} if "answer" in typed else {}
    if "choose" in typed:
        fields["choice"] = named[typed["choose"]]
    fields |= {f"choice-{named[text]}": "on" for text in typed.get("check", "").split("|") if text}
    fields |= {
        f"place-{named[text]}": str(place)
        for place, text in enumerate(typed.get("order", "").split("|"), start=1)
        if text
    }
    return client.post(f"{LESSON}/questions/{key}/attempts", data=fields, headers=headers)


RIGHT = {
    "largest": {"choose": "three"},
    "odd": {"check": "number one|number three"},
    "third": {"answer": "1/3"},
    "steps": {"order": "build|compile|fit|evaluate"},
    "loss": {"answer": "'mse'"},
}
WRONG = {
    "largest": {"choose": "one"},
    "odd": {"check": "number one"},
    "third": {"answer": "0.5"},
    "steps": {"order": "compile|build|fit|evaluate"},
    "loss": {"answer": "'mae'"},
}
SCORE_OF_WRONG = {"largest": 0, "odd": 0.75, "third": 0, "steps": 0.5, "loss": 0}


def attempts(session: Session) -> list[QuizAttempt]:
    session.rollback()
    return list(session.scalars(select(QuizAttempt).order_by(QuizAttempt.created_at)))


def test_the_questions_stand_at_their_places(client: TestClient) -> None:
    page = client.get(LESSON).text
    places = [page.index(f'id="question-{key}"') for key in KEYS]
    heading = page.index('id="two"')
    assert places == sorted(places)
    assert places[1] < heading < places[2]


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_the_key_does_not_reach_the_browser_before_the_answer(
    client: TestClient, session: Session, is_signed_in: bool
) -> None:
    if is_signed_in:
        enter(client, session, make_user(session))
    page = client.get(LESSON).text
    assert not [word for word in EXPLANATIONS if word in page]
    assert "0.3333" not in page and "&#39;mse&#39;" not in page and "'mse'" not in page
    assert "correct" not in page and "verdict" not in page


def test_an_answer_explains_its_own_question_only(client: TestClient, student: User) -> None:
    answer(client, "largest", choose="one")
    page = client.get(LESSON).text
    assert [word for word in EXPLANATIONS if word in page] == ["SMALL-WHY", "LARGE-WHY", "MIDDLE-WHY"]


def test_formulas_in_a_prompt_are_drawn(client: TestClient) -> None:
    assert "<math" in question(client.get(LESSON).text, "largest")


@pytest.mark.parametrize("key", KEYS)
def test_a_right_answer_of_each_kind_is_kept_with_full_score(
    client: TestClient, session: Session, student: User, key: str
) -> None:
    sent = answer(client, key, **RIGHT[key])
    assert sent.status_code == 303
    assert sent.headers["location"] == f"{LESSON}#question-{key}"
    (attempt,) = attempts(session)
    assert (attempt.question_key, attempt.score, attempt.user_id) == (key, 1, student.id)
    assert "Right." in question(client.get(LESSON).text, key)


@pytest.mark.parametrize("key", KEYS)
def test_a_wrong_answer_of_each_kind_is_kept_and_explained(
    client: TestClient, session: Session, student: User, key: str
) -> None:
    answer(client, key, **WRONG[key])
    assert [attempt.score for attempt in attempts(session)] == [SCORE_OF_WRONG[key]]
    shown = question(client.get(LESSON).text, key)
    assert "-WHY" in shown
    assert "verdict-wrong" in shown
    assert "Right." not in shown


@pytest.mark.parametrize("key", KEYS)
def test_a_visitor_is_graded_on_the_page_and_nothing_is_kept(
    client: TestClient, session: Session, key: str
) -> None:
    sent = answer(client, key, **RIGHT[key])
    assert sent.status_code == 200
    assert "Right." in question(sent.text, key)
    assert sent.text.count("Right.") == 1
    assert attempts(session) == []
    assert "Right." not in client.get(LESSON).text


@pytest.mark.parametrize("fields", [RIGHT["steps"], {}], ids=["graded", "refused"])
def test_the_page_that_a_visitors_answer_leads_to_has_the_discussion(
    client: TestClient, fields: dict[str, str]
) -> None:
    with db.session_scope() as session:
        lesson = session.scalars(select(Lesson).where(Lesson.slug == "00-start")).one()
        place = find_place(session, None, f"lesson:{lesson.id}")
        post(session, make_user(session), place, "How many steps did you take?", "k" * 32, 60)
    assert "How many steps did you take?" in answer(client, "steps", **fields).text


def test_every_option_explains_itself_after_the_answer(client: TestClient, student: User) -> None:
    answer(client, "odd", check="number one|number two")
    shown = question(client.get(LESSON).text, "odd")
    assert all(word in shown for word in ("ONE-WHY", "TWO-WHY", "THREE-WHY", "FOUR-WHY"))
    verdicts = dict(re.findall(r'data-verdict="(\w+)".*?<span>(.*?)</span>', shown, re.DOTALL)[::-1])
    assert sorted(re.findall(r'data-verdict="(\w+)"', shown)) == ["other", "right", "right", "wrong"]
    assert verdicts["wrong"] == "number two"


def test_the_best_score_stays_when_a_later_answer_is_worse(
    client: TestClient, session: Session, student: User
) -> None:
    for typed in (WRONG["steps"], RIGHT["steps"], WRONG["steps"]):
        answer(client, "steps", **typed)
    assert [attempt.score for attempt in attempts(session)] == [0.5, 1, 0.5]
    shown = question(client.get(LESSON).text, "steps")
    assert "3 attempts" in shown
    assert "answered right before" in shown
    assert 'data-passed="true"' in shown


def test_what_was_answered_stays_filled_in(client: TestClient, student: User) -> None:
    for key in KEYS:
        answer(client, key, **WRONG[key])
    page = client.get(LESSON).text
    assert 'value="0.5"' in question(page, "third")
    assert "checked" in re.search(r'<input type="radio"[^>]*>\s*<span>one</span>', page)[0]
    items = re.findall(r'<span class="order-text">(.*?)</span>', question(page, "steps"))
    assert items == ["compile", "build", "fit", "evaluate"]


def test_a_script_gets_the_question_and_the_end_of_the_lesson_without_the_rest(
    client: TestClient, student: User
) -> None:
    sent = answer(client, "third", answer="0.5", headers=FRAGMENT)
    assert sent.status_code == 200
    assert "<html" not in sent.text
    assert question(sent.text, "third")
    assert '<template data-replaces="#end">' in sent.text
    assert 'id="question-largest"' not in sent.text


@ON_SQLITE
@pytest.mark.parametrize(
    ("key", "fields", "sentence"),
    [
        ("largest", {}, "Please choose an answer first."),
        ("largest", {"choice": "1"}, "Please choose an answer first."),
        ("odd", {"choice-nonsense": "on"}, "Please choose an answer first."),
        ("third", {"answer": "many"}, "Please enter a number."),
        ("third", {"answer": "  "}, "Please fill this in."),
        ("loss", {"answer": "x" * 501}, "Please use at most 500 characters."),
        ("steps", {}, "Please give every item a place of its own."),
    ],
)
def test_what_cannot_be_graded_is_no_attempt_and_its_sentence_stands_at_the_question(
    client: TestClient, session: Session, student: User, key: str, fields: dict[str, str], sentence: str
) -> None:
    sent = client.post(f"{LESSON}/questions/{key}/attempts", data=fields)
    assert sent.status_code == 422
    assert sentence in question(sent.text, key)
    assert sent.text.count(sentence) == 1
    assert attempts(session) == []


def test_what_was_typed_and_could_not_be_graded_is_not_lost(client: TestClient) -> None:
    sent = client.post(f"{LESSON}/questions/third/attempts", data={"answer": "about a third"})
    assert 'value="about a third"' in question(sent.text, "third")


def test_two_items_at_one_place_are_refused(client: TestClient, session: Session, student: User) -> None:
    named = tokens(question(client.get(LESSON).text, "steps"))
    places = dict(zip(named.values(), ("1", "1", "2", "3"), strict=True))
    sent = client.post(
        f"{LESSON}/questions/steps/attempts",
        data={f"place-{token}": place for token, place in places.items()},
    )
    assert sent.status_code == 422
    assert attempts(session) == []


@pytest.mark.parametrize("key", ["unplaced", "no-such-question"])
def test_a_question_that_is_not_in_the_text_cannot_be_answered(client: TestClient, key: str) -> None:
    assert client.post(f"{LESSON}/questions/{key}/attempts", data={"answer": "1"}).status_code == 404


def test_a_reader_sees_options_and_items_in_the_same_order_at_every_visit(
    client: TestClient, student: User
) -> None:
    def order() -> list[str]:
        return re.findall(
            r"(?<![0-9a-f])[0-9a-f]{12}(?=\")",
            "".join(question(client.get(LESSON).text, key) for key in ("largest", "odd", "steps")),
        )

    assert order() == order()


def test_readers_see_items_in_different_orders_but_never_solved(client: TestClient, session: Session) -> None:
    orders = set()
    for _ in range(12):
        enter(client, session, make_user(session))
        items = re.findall(
            r'<span class="order-text">(.*?)</span>', question(client.get(LESSON).text, "steps")
        )
        orders.add(tuple(items))
    assert ("build", "compile", "fit", "evaluate") not in orders
    assert len(orders) > 3


def test_a_form_that_a_visitor_opened_is_graded_rightly_after_signing_in(
    client: TestClient, session: Session
) -> None:
    named = tokens(question(client.get(LESSON).text, "steps"))
    enter(client, session, make_user(session))
    right = {
        f"place-{named[text]}": str(place)
        for place, text in enumerate(("build", "compile", "fit", "evaluate"), start=1)
    }
    client.post(f"{LESSON}/questions/steps/attempts", data=right)
    assert [attempt.score for attempt in attempts(session)] == [1]


def test_one_readers_answers_are_not_shown_to_another(
    client: TestClient, session: Session, student: User
) -> None:
    answer(client, "third", answer="0.123456")
    enter(client, session, make_user(session))
    assert "0.123456" not in client.get(LESSON).text


def test_an_answer_that_no_longer_fits_its_question_is_left_out(
    client: TestClient, session: Session, student: User
) -> None:
    lesson_id = session.scalar(select(Lesson.id).where(Lesson.slug == "00-start"))
    session.add(
        QuizAttempt(
            user_id=student.id, lesson_id=lesson_id, question_key="steps", answer={"order": [0, 1]}, score=1
        )
    )
    session.commit()
    page = client.get(LESSON)
    assert page.status_code == 200
    assert "Right." not in page.text
    assert "answered right before" in page.text


def test_a_revision_knows_which_questions_its_text_places(session: Session) -> None:
    published = select(LessonRevision.question_keys).join(
        Lesson, Lesson.published_revision_id == LessonRevision.id
    )
    assert session.scalar(published.where(Lesson.slug == "00-start")) == list(KEYS)


def test_an_answer_from_another_site_is_refused(client: TestClient, session: Session, student: User) -> None:
    sent = answer(client, "third", answer="1/3", headers={"Sec-Fetch-Site": "cross-site"})
    assert sent.status_code == 403
    assert attempts(session) == []
