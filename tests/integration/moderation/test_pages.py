"""The pages of moderation, editing, reporting and deleting, without scripts."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board import states
from app.board.models import CommentReport, CommentState
from app.moderation import service as moderation
from app.moderation.service import Decision
from tests.factories import make_user
from tests.integration.board.written import say
from tests.integration.conftest import enter
from tests.integration.moderation.acts import acts, decide, report, state_now
from tests.integration.statements import cost

pytestmark = pytest.mark.usefixtures("redis")


def test_the_queue_holds_what_waits_or_was_reported_oldest_first(
    client: TestClient, session: Session, author: User, lecturer: User
) -> None:
    above = say(session, author, "What stands above the reported one.", ago=timedelta(hours=9))
    reported = say(session, author, "This was reported by a reader.", ago=timedelta(hours=1), parent=above)
    say(
        session, author, "This one waits to be looked at.", ago=timedelta(hours=2), state=CommentState.PENDING
    )
    say(
        session,
        author,
        "This one is withheld at the moment.",
        ago=timedelta(hours=3),
        state=CommentState.WITHHELD,
    )
    say(session, author, "This was rejected long ago.", ago=timedelta(hours=4), state=CommentState.REJECTED)
    moderation.report(session, make_user(session), reported.id, "unkind", "It hurts.")
    enter(client, session, lecturer)
    page = client.get("/moderation").text
    texts = ("one is withheld", "one waits to be", "was reported by")
    places = [page.index(text) for text in texts]
    assert places == sorted(places)
    assert "What stands above the reported one." in page
    assert "It hurts." in page
    assert "This was rejected long ago." not in page
    assert "小昊" not in page.replace(lecturer.name, "") and "*昊" in page


def test_every_page_tells_staff_alone_how_much_waits_without_a_statement_more(
    client: TestClient, session: Session, author: User, lecturer: User
) -> None:
    reported = say(session, author, "This was reported by a reader.")
    moderation.report(session, make_user(session), reported.id, "unkind", "")
    say(session, author, "This one is withheld.", state=CommentState.WITHHELD)
    costs = []
    for user, number in ((author, None), (lecturer, "2")):
        enter(client, session, user)
        found = re.findall(r'class="waiting-count"[^>]*>(\d+)<', client.get("/notifications").text)
        assert set(found) == ({number} if number else set())
        costs.append(cost(client, "/notifications"))
    assert costs[0] == costs[1]


def test_the_queue_is_paged_by_key(
    client: TestClient, session: Session, author: User, lecturer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.moderation.presenters.ITEMS_PER_PAGE", 2)
    waiting = [
        say(session, author, ago=timedelta(hours=10 - number), state=CommentState.PENDING)
        for number in range(5)
    ]
    enter(client, session, lecturer)
    seen: list[str] = []
    address = "/moderation"
    while address:
        page = client.get(address).text
        seen += [str(comment.id) for comment in waiting if f"waiting-{comment.id}" in page]
        following = re.search(r'rel="next"\s+href="([^"]*)"', page)
        address = following[1] if following else ""
    assert seen == [str(comment.id) for comment in waiting]


def test_the_queue_costs_as_many_statements_for_20_comments_as_for_one(
    client: TestClient, session: Session, lecturer: User
) -> None:
    def wait(number: int) -> None:
        for _each in range(number):
            comment = say(session, make_user(session), parent=say(session, make_user(session)))
            report(session, comment, 1)

    wait(1)
    enter(client, session, lecturer)
    one = cost(client, "/moderation")
    wait(19)
    session.commit()
    assert cost(client, "/moderation") == one


def test_without_scripts_a_decision_is_a_form_and_the_page_offers_its_undo(
    client: TestClient, session: Session, author: User, lecturer: User
) -> None:
    comment = say(session, author, state=CommentState.PENDING)
    enter(client, session, lecturer)
    seen = moderation.as_seen(comment)
    fields = {"decision": "reject", "seen": seen, "reason": "unkind", "note": "Please be kind."}
    answer = client.post(f"/moderation/comments/{comment.id}/decisions", data=fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/moderation")
    assert state_now(session, comment) == CommentState.REJECTED
    act = acts(session, comment)[0]
    session.commit()
    assert act.reason == "unkind or insulting\nPlease be kind."
    page = client.get("/moderation").text
    address = f"/moderation/acts/{act.id}/reversal"
    assert address in page
    assert client.post(address).status_code == 303
    assert state_now(session, comment) == CommentState.PENDING


def test_the_log_is_filtered_by_actor_and_act(
    client: TestClient, session: Session, author: User, lecturer: User
) -> None:
    for words, decision in (("About kernels and filters", "approve"), ("Buy cheap watches now", "reject")):
        comment = say(session, author, words, state=CommentState.PENDING)
        decide(session, lecturer, comment, Decision(decision))
    own = say(session, author, "Taken away by its author")
    states.delete(session, author, own.id)
    enter(client, session, lecturer)
    log = "/moderation/log"
    assert "Taken away" in client.get(log).text and "kernels" in client.get(log).text
    by_act = client.get(f"{log}?act=reject").text
    assert "Buy cheap watches" in by_act and "kernels" not in by_act
    by_actor = client.get(f"{log}?actor={lecturer.id}").text
    assert "kernels" in by_actor and "Taken away" not in by_actor
    by_author = client.get(f"{log}?actor=author").text
    assert "Taken away" in by_author and "kernels" not in by_author
    assert "kernels" not in client.get(f"{log}?actor=rule").text


@pytest.mark.parametrize("address", ["/moderation", "/moderation/log"])
def test_students_see_no_page_of_moderation(client: TestClient, student: User, address: str) -> None:
    assert client.get(address).status_code == 403


def test_students_decide_nothing(client: TestClient, session: Session, student: User, author: User) -> None:
    comment = say(session, author, state=CommentState.PENDING)
    session.commit()
    fields = {"decision": "approve", "seen": "pending"}
    assert client.post(f"/moderation/comments/{comment.id}/decisions", data=fields).status_code == 403
    assert client.post(f"/moderation/acts/{uuid4()}/reversal").status_code == 403


def test_an_author_edits_by_a_form_that_keeps_what_was_typed(
    client: TestClient, session: Session, student: User
) -> None:
    comment = say(session, student, "The answer is forty-two.", ago=timedelta(hours=1))
    session.commit()
    address = f"/comments/{comment.id}/edit"
    assert "The answer is forty-two." in client.get(address).text
    refused = client.post(address, data={"body": "no"})
    assert refused.status_code == 422
    assert ">\nno</textarea>" in refused.text
    answer = client.post(address, data={"body": "The answer is forty-three."})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/comments/{comment.id}")
    history = client.get(f"/comments/{comment.id}/history").text
    assert "The answer is forty-two." in history and "The answer is forty-three." in history


@pytest.mark.parametrize("headers", [{}, {"X-Fragment": "1"}])
def test_the_preview_of_a_change_stores_nothing_and_keeps_what_was_typed(
    client: TestClient, session: Session, student: User, headers: dict[str, str]
) -> None:
    comment = say(session, student, "The answer is forty-two.")
    session.commit()
    typed = {"body": "It is **$x^2$**, I think.", "act": "preview"}
    answer = client.post(f"/comments/{comment.id}/edit", data=typed, headers=headers)
    assert answer.status_code == 200
    assert "It is <strong>" in answer.text and "<math>" in answer.text
    assert ">\nIt is **$x^2$**, I think.</textarea>" in answer.text
    assert ("<html" in answer.text) == (not headers)
    session.refresh(comment)
    assert comment.body == "The answer is forty-two."


def test_a_reader_reports_by_a_form_and_is_thanked(
    client: TestClient, session: Session, student: User, author: User
) -> None:
    comment = say(session, author)
    session.commit()
    address = f"/comments/{comment.id}/reports"
    assert 'name="reason"' in client.get(address).text
    assert client.post(address, data={}).status_code == 422
    assert client.post(address, data={"reason": "spam", "note": "Again."}).status_code == 303
    assert 'name="reason"' not in client.get(address).text
    assert session.scalars(select(CommentReport.note)).all() == ["Again."]


def test_a_reader_whose_report_withheld_the_comment_is_thanked_too(
    client: TestClient, session: Session, student: User, author: User
) -> None:
    comment = say(session, author)
    report(session, comment, 2)
    session.commit()
    address = f"/comments/{comment.id}/reports"
    assert client.post(address, data={"reason": "spam"}).status_code == 303
    assert client.get(address).status_code == 200


def test_deleting_leads_to_a_page_that_brings_it_back(
    client: TestClient, session: Session, student: User
) -> None:
    comment = say(session, student, "I take this back, sorry.")
    session.commit()
    answer = client.post(f"/comments/{comment.id}/deletion")
    page = client.get(answer.headers["location"]).text
    assert f"/comments/{comment.id}/restoration" in page
    assert f"/comments/{comment.id}/restoration" in client.get("/deleted-comments").text
    assert client.post(f"/comments/{comment.id}/restoration").status_code == 303
    assert state_now(session, comment) == CommentState.VISIBLE


def test_one_does_not_find_in_ones_own_list_what_a_moderator_deleted(
    client: TestClient, session: Session, student: User, lecturer: User
) -> None:
    comment = say(session, student, "This goes against the rules.")
    states.delete(session, lecturer, comment.id, "unkind or insulting")
    session.commit()
    assert str(comment.id) not in client.get("/deleted-comments").text


@pytest.mark.parametrize("page", ["history", "reports", "deletion", "edit"])
def test_what_a_reader_may_not_see_has_no_pages(
    client: TestClient, session: Session, student: User, author: User, page: str
) -> None:
    comment = say(session, author, state=CommentState.PENDING)
    session.commit()
    assert client.get(f"/comments/{comment.id}/{page}").status_code == 404
    assert client.get(f"/comments/{UUID(int=1)}/{page}").status_code == 404


@pytest.mark.parametrize("act", ["deletion", "restoration", "likes", "edit", "reports", "following"])
@pytest.mark.parametrize("state", [CommentState.PENDING, CommentState.WITHHELD, CommentState.DELETED])
def test_what_a_reader_may_not_see_is_not_there_for_any_act_either(
    client: TestClient, session: Session, student: User, author: User, act: str, state: CommentState
) -> None:
    comment = say(session, author, state=state)
    session.commit()
    hidden = client.post(
        f"/comments/{comment.id}/{act}",
        data={"on": "true", "how": "follow", "reason": "spam", "body": "x" * 9},
    )
    missing = client.post(
        f"/comments/{UUID(int=1)}/{act}", data={"on": "true", "reason": "spam", "body": "x" * 9}
    )
    assert (hidden.status_code, missing.status_code) == (404, 404)


def test_somebody_elses_comment_that_can_be_seen_is_not_ones_own_to_delete(
    client: TestClient, session: Session, student: User, author: User
) -> None:
    comment = say(session, author)
    session.commit()
    assert client.post(f"/comments/{comment.id}/deletion").status_code == 403
    assert state_now(session, comment) == CommentState.VISIBLE
