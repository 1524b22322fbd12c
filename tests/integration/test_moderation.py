"""States of comments, and what moderators, readers and authors do about them; each rule by its name."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import signals
from app.accounts.models import Role, User
from app.board import editing, moderation, spam
from app.board.models import Comment, CommentEdit, CommentReport, CommentState, ModerationAct, Thread
from app.board.moderation import REASONS, Decision, Verdict
from app.board.moderation_forms import Reason
from app.board.moderation_log import ACTS
from app.clock import now
from app.db import session_scope
from app.errors import Conflict, Forbidden, Invalid, NotFound
from tests.factories import make_user
from tests.integration.board_comments import say
from tests.integration.conftest import enter

pytestmark = pytest.mark.usefixtures("redis")


@pytest.fixture
def author(session: Session) -> User:
    return make_user(session, "小昊")


@pytest.fixture
def lecturer(session: Session) -> User:
    return make_user(session, "Lin", Role.LECTURER)


@pytest.fixture
def heard() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """The signals that were sent: the name and what they carried."""
    found: list[tuple[str, dict[str, Any]]] = []
    names = ("comment_shown", "comment_moderated", "comment_featured")
    listeners = [_listener(name, found) for name in names]
    for name, listener in zip(names, listeners, strict=True):
        getattr(signals, name).connect(listener)
    yield found
    for name, listener in zip(names, listeners, strict=True):
        getattr(signals, name).disconnect(listener)


def _listener(name: str, found: list[tuple[str, dict[str, Any]]]) -> Callable[..., None]:
    return lambda _session, **carried: found.append((name, carried))


def decide(
    session: Session, staff: User, comment: Comment, decision: Decision, reason: str = "advertising or spam"
) -> ModerationAct:
    return moderation.decide(session, staff, comment.id, Verdict(decision, reason, comment.state))


def report(session: Session, comment: Comment, readers: int) -> list[User]:
    found = [make_user(session) for _ in range(readers)]
    for reader in found:
        moderation.report(session, reader, comment.id, "spam", "")
    return found


def state_now(session: Session, comment: Comment) -> str:
    """As other sessions have left it; holds no lock afterwards."""
    session.expire_all()
    state = session.get_one(Comment, comment.id).state
    session.commit()
    return state


def acts(session: Session, comment: Comment) -> list[ModerationAct]:
    statement = select(ModerationAct).where(ModerationAct.comment_id == comment.id)
    return list(session.scalars(statement.order_by(ModerationAct.created_at)))


# Decisions


@pytest.mark.parametrize(
    ("decision", "before", "after"),
    [
        (Decision.APPROVE, CommentState.PENDING, CommentState.VISIBLE),
        (Decision.APPROVE, CommentState.WITHHELD, CommentState.VISIBLE),
        (Decision.REJECT, CommentState.PENDING, CommentState.REJECTED),
        (Decision.WITHHOLD, CommentState.VISIBLE, CommentState.WITHHELD),
        (Decision.DELETE, CommentState.WITHHELD, CommentState.DELETED),
        (Decision.FEATURE, CommentState.WITHHELD, CommentState.VISIBLE),
    ],
)
def test_every_transition_is_logged_with_actor_and_reason(
    session: Session,
    author: User,
    lecturer: User,
    decision: Decision,
    before: CommentState,
    after: CommentState,
) -> None:
    comment = say(session, author, state=before)
    decide(session, lecturer, comment, decision)
    act = acts(session, comment)[0]
    assert comment.state == after
    assert (act.actor_id, act.reason) == (lecturer.id, "advertising or spam")
    assert (act.state_before, act.state_after) == (before, after)


def test_the_thread_counts_visible_comments_through_every_decision(
    session: Session, author: User, lecturer: User
) -> None:
    comment = say(session, author, state=CommentState.PENDING)
    thread = session.get_one(Thread, comment.thread_id)
    counts = []
    for decision in (Decision.APPROVE, Decision.WITHHOLD, Decision.APPROVE, Decision.DELETE):
        decide(session, lecturer, comment, decision)
        counts.append(thread.comment_count)
    assert counts == [1, 0, 1, 0]


def test_a_rejection_needs_a_reason(session: Session, author: User, lecturer: User) -> None:
    comment = say(session, author, state=CommentState.PENDING)
    with pytest.raises(Invalid):
        decide(session, lecturer, comment, Decision.REJECT, reason="")
    assert comment.state == CommentState.PENDING


def test_of_two_moderators_the_later_one_is_told_that_it_was_decided(
    session: Session, author: User, lecturer: User
) -> None:
    comment = say(session, author, state=CommentState.PENDING)
    decide(session, lecturer, comment, Decision.APPROVE)
    seen_before = Verdict(Decision.REJECT, "unkind or insulting", CommentState.PENDING)
    with pytest.raises(Conflict):
        moderation.decide(session, make_user(session, role=Role.ADMIN), comment.id, seen_before)
    assert comment.state == CommentState.VISIBLE


def test_approving_tells_the_author_and_shows_a_comment_that_was_never_seen(
    session: Session, author: User, lecturer: User, heard: list[tuple[str, dict[str, Any]]]
) -> None:
    comment = say(session, author, state=CommentState.PENDING)
    spam.note_new(session, comment)
    session.flush()
    decide(session, lecturer, comment, Decision.APPROVE)
    assert [name for name, _carried in heard] == ["comment_moderated", "comment_shown"]
    assert heard[0][1] == {"comment": comment, "act": "approve", "reason": "advertising or spam"}


def test_approving_what_was_seen_before_is_no_news_to_its_readers(
    session: Session, author: User, lecturer: User, heard: list[tuple[str, dict[str, Any]]]
) -> None:
    comment = say(session, author)
    report(session, comment, 3)
    heard.clear()
    decide(session, lecturer, comment, Decision.APPROVE)
    assert [name for name, _carried in heard] == ["comment_moderated"]


def test_one_key_features_a_comment_that_waits(
    session: Session, author: User, lecturer: User, heard: list[tuple[str, dict[str, Any]]]
) -> None:
    comment = say(session, author, state=CommentState.WITHHELD)
    act = decide(session, lecturer, comment, Decision.FEATURE)
    assert (comment.state, comment.is_featured) == (CommentState.VISIBLE, True)
    assert "comment_featured" in [name for name, _carried in heard]
    moderation.undo(session, lecturer, act.id)
    assert (comment.state, comment.is_featured) == (CommentState.WITHHELD, False)


# Undo


@pytest.mark.parametrize("decision", list(Decision))
def test_a_decision_can_be_taken_back(
    session: Session, author: User, lecturer: User, decision: Decision
) -> None:
    before = CommentState.VISIBLE if decision == Decision.WITHHOLD else CommentState.PENDING
    comment = say(session, author, state=before)
    act = decide(session, lecturer, comment, decision)
    moderation.undo(session, lecturer, act.id)
    assert comment.state == before
    assert act.undone_at is not None
    assert "undo" in {other.act for other in acts(session, comment)}


def test_taking_a_decision_back_opens_the_reports_again_that_it_settled(
    session: Session, author: User, lecturer: User
) -> None:
    comment = say(session, author)
    report(session, comment, 2)
    act = decide(session, lecturer, comment, Decision.APPROVE)
    open_reports = select(CommentReport).where(CommentReport.resolved_at.is_(None))
    assert session.scalars(open_reports).all() == []
    moderation.undo(session, lecturer, act.id)
    assert len(session.scalars(open_reports).all()) == 2


def test_nobody_takes_back_somebody_elses_decision(session: Session, author: User, lecturer: User) -> None:
    comment = say(session, author, state=CommentState.PENDING)
    act = decide(session, lecturer, comment, Decision.REJECT)
    with pytest.raises(NotFound):
        moderation.undo(session, make_user(session, role=Role.ADMIN), act.id)


def test_a_decision_is_taken_back_once(session: Session, author: User, lecturer: User) -> None:
    comment = say(session, author, state=CommentState.PENDING)
    act = decide(session, lecturer, comment, Decision.REJECT)
    moderation.undo(session, lecturer, act.id)
    with pytest.raises(NotFound):
        moderation.undo(session, lecturer, act.id)


def test_a_decision_is_not_taken_back_over_a_newer_one(
    session: Session, author: User, lecturer: User
) -> None:
    comment = say(session, author, state=CommentState.PENDING)
    act = decide(session, lecturer, comment, Decision.APPROVE)
    decide(session, make_user(session, role=Role.ADMIN), comment, Decision.REJECT)
    with pytest.raises(Conflict):
        moderation.undo(session, lecturer, act.id)


# Reports


def test_three_reports_from_different_readers_withhold_a_comment(
    session: Session, author: User, heard: list[tuple[str, dict[str, Any]]]
) -> None:
    comment = say(session, author)
    report(session, comment, 2)
    assert comment.state == CommentState.VISIBLE
    report(session, comment, 1)
    assert comment.state == CommentState.WITHHELD
    assert acts(session, comment)[-1].actor_id is None
    assert heard[-1] == (
        "comment_moderated",
        {"comment": comment, "act": "withhold", "reason": moderation.MANY_REPORTS},
    )


def test_three_reports_at_the_same_moment_withhold_a_comment_once(session: Session, author: User) -> None:
    comment = say(session, author)
    readers = [make_user(session) for _ in range(3)]
    session.commit()

    def tell(reader: User) -> None:
        with session_scope() as own:
            moderation.report(own, own.get_one(User, reader.id), comment.id, "spam", "")

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(tell, readers))
    assert state_now(session, comment) == CommentState.WITHHELD
    assert [act.act for act in acts(session, comment)] == ["withhold"]
    assert session.scalars(select(Thread.comment_count)).one() == 0


def test_a_reader_reports_a_comment_once(session: Session, author: User) -> None:
    comment, reader = say(session, author), make_user(session)
    for _again in range(3):
        moderation.report(session, reader, comment.id, "spam", "")
    assert comment.state == CommentState.VISIBLE
    assert len(session.scalars(select(CommentReport)).all()) == 1


def test_nobody_reports_a_comment_of_their_own(session: Session, author: User) -> None:
    with pytest.raises(Forbidden):
        moderation.report(session, author, say(session, author).id, "spam", "")


def test_a_comment_that_was_kept_needs_three_new_reports(
    session: Session, author: User, lecturer: User
) -> None:
    comment = say(session, author)
    readers = report(session, comment, 3)
    decide(session, lecturer, comment, Decision.APPROVE)
    for reader in readers:
        moderation.report(session, reader, comment.id, "spam", "")
    report(session, comment, 2)
    assert comment.state == CommentState.VISIBLE


def test_what_readers_do_not_see_cannot_be_reported(session: Session, author: User) -> None:
    comment = say(session, author, state=CommentState.PENDING)
    with pytest.raises(NotFound):
        moderation.report(session, make_user(session), comment.id, "spam", "")


def test_the_reasons_of_the_form_are_those_that_are_explained() -> None:
    assert set(get_args(Reason)) == set(REASONS)
    assert {decision.value for decision in Decision} <= set(ACTS)


# Editing


def test_an_edit_within_15_minutes_is_silent(session: Session, author: User) -> None:
    comment = say(session, author, ago=timedelta(minutes=14))
    editing.edit(session, author, comment.id, "I meant something **else**.")
    assert comment.edited_at is None
    assert "<strong>else</strong>" in comment.html
    assert editing.history(session, comment.id) == []


def test_an_edit_after_15_minutes_is_marked_and_keeps_what_was_said(session: Session, author: User) -> None:
    comment = say(session, author, "The answer is forty-two.", ago=timedelta(minutes=16))
    editing.edit(session, author, comment.id, "The answer is forty-three.")
    assert comment.edited_at is not None
    assert [edit.body for edit in editing.history(session, comment.id)] == ["The answer is forty-two."]


def test_history_is_shown_for_24_hours_and_then_removed(session: Session, author: User) -> None:
    comment = say(session, author, ago=timedelta(days=3))
    for hours in (23, 25):
        moment = now() - timedelta(hours=hours)
        session.add(CommentEdit(comment_id=comment.id, body=f"said {hours} hours ago", replaced_at=moment))
    session.flush()
    assert [edit.body for edit in editing.history(session, comment.id)] == ["said 23 hours ago"]
    editing.tidy(session)
    assert session.scalars(select(CommentEdit.body)).all() == ["said 23 hours ago"]


def test_an_edit_that_changes_nothing_leaves_no_mark(session: Session, author: User) -> None:
    comment = say(session, author, "The answer is forty-two.", ago=timedelta(hours=1))
    editing.edit(session, author, comment.id, "The answer is forty-two.\r\n")
    assert comment.edited_at is None


def test_nobody_edits_somebody_elses_comment(session: Session, author: User, lecturer: User) -> None:
    comment = say(session, author)
    with pytest.raises(NotFound):
        editing.edit(session, lecturer, comment.id, "Words in your mouth.")


@pytest.mark.parametrize("state", [CommentState.REJECTED, CommentState.DELETED])
def test_what_was_decided_or_deleted_cannot_be_edited(
    session: Session, author: User, state: CommentState
) -> None:
    comment = say(session, author, state=state)
    with pytest.raises(Forbidden):
        editing.edit(session, author, comment.id, "Let me try that again.")


def test_an_edited_text_obeys_the_same_bounds(session: Session, author: User) -> None:
    comment = say(session, author)
    for text in ("short", "x" * 4001):
        with pytest.raises(Invalid):
            editing.edit(session, author, comment.id, text)


def test_an_edit_does_not_bring_a_withheld_comment_back(session: Session, author: User) -> None:
    comment = say(session, author, state=CommentState.WITHHELD)
    editing.edit(session, author, comment.id, "Now it is quite harmless.")
    assert comment.state == CommentState.WITHHELD


def test_the_edit_of_an_author_who_is_checked_first_waits_for_a_moderator(
    session: Session, author: User
) -> None:
    comment = say(session, author, ago=timedelta(hours=9))
    for hours in (1, 2, 3):
        say(session, author, ago=timedelta(hours=hours), state=CommentState.REJECTED)
    editing.edit(session, author, comment.id, "Buy cheap watches now!")
    assert comment.state == CommentState.PENDING


# Deletion


def test_a_deletion_can_be_undone_for_30_days(session: Session, author: User) -> None:
    comment = say(session, author)
    moderation.delete(session, author, comment.id)
    comment.deleted_at = now() - timedelta(days=29, hours=23)
    session.flush()
    moderation.restore(session, author, comment.id)
    assert (comment.state, comment.deleted_at) == (CommentState.VISIBLE, None)


def test_after_30_days_a_deletion_cannot_be_undone(session: Session, author: User, lecturer: User) -> None:
    comment = say(session, author)
    moderation.delete(session, author, comment.id)
    comment.deleted_at = now() - timedelta(days=30, seconds=1)
    session.flush()
    for user in (author, lecturer):
        with pytest.raises(Conflict):
            moderation.restore(session, user, comment.id)


def test_after_30_days_the_words_of_a_deleted_comment_are_removed(session: Session, author: User) -> None:
    old, recent, kept = say(session, author), say(session, author), say(session, author)
    for comment, days in ((old, 31), (recent, 29)):
        moderation.delete(session, author, comment.id)
        comment.deleted_at = now() - timedelta(days=days)
        acts(session, comment)[0].created_at = comment.deleted_at
    session.flush()
    assert editing.tidy(session) == 1
    session.expire_all()
    assert (old.body, old.html) == ("", "")
    assert recent.body and kept.body
    assert editing.tidy(session) == 0


def test_what_a_moderator_deleted_only_a_moderator_brings_back(
    session: Session, author: User, lecturer: User
) -> None:
    comment = say(session, author)
    moderation.delete(session, lecturer, comment.id)
    with pytest.raises(Forbidden):
        moderation.restore(session, author, comment.id)
    moderation.restore(session, lecturer, comment.id)
    assert comment.state == CommentState.VISIBLE


def test_deleting_and_restoring_does_not_bring_a_withheld_comment_back(
    session: Session, author: User
) -> None:
    comment = say(session, author, state=CommentState.WITHHELD)
    moderation.delete(session, author, comment.id)
    moderation.restore(session, author, comment.id)
    assert comment.state == CommentState.WITHHELD


def test_nobody_deletes_or_restores_somebody_elses_comment(session: Session, author: User) -> None:
    comment, stranger = say(session, author), make_user(session)
    with pytest.raises(Forbidden):
        moderation.delete(session, stranger, comment.id)
    moderation.delete(session, author, comment.id)
    with pytest.raises(Forbidden):
        moderation.restore(session, stranger, comment.id)


def test_restoring_by_a_moderator_tells_the_author(
    session: Session, author: User, lecturer: User, heard: list[tuple[str, dict[str, Any]]]
) -> None:
    comment = say(session, author)
    moderation.delete(session, author, comment.id)
    assert heard == []
    moderation.restore(session, lecturer, comment.id)
    assert [(name, carried["act"]) for name, carried in heard] == [("comment_moderated", "restore")]


# Pages


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


def test_the_queue_is_paged_by_key(
    client: TestClient, session: Session, author: User, lecturer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.board.moderation_assemble.ITEMS_PER_PAGE", 2)
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
        _before, _rel, rest = page.partition('rel="next" href="')
        address = rest.partition('"')[0]
    assert seen == [str(comment.id) for comment in waiting]


def test_the_queue_costs_as_many_statements_for_20_comments_as_for_one(
    client: TestClient, session: Session, lecturer: User, count_statements: Callable[[], int]
) -> None:
    def wait(number: int) -> None:
        for _each in range(number):
            comment = say(session, make_user(session), parent=say(session, make_user(session)))
            report(session, comment, 1)

    wait(1)
    enter(client, session, lecturer)
    before = count_statements()
    client.get("/moderation")
    one = count_statements() - before
    wait(19)
    session.commit()
    before = count_statements()
    client.get("/moderation")
    assert count_statements() - before == one


@pytest.fixture
def count_statements(database: str) -> Iterator[Callable[[], int]]:
    from sqlalchemy import event

    from app import db

    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    event.listen(db.get_engine(), "before_cursor_execute", note)
    yield lambda: len(statements)
    event.remove(db.get_engine(), "before_cursor_execute", note)


def test_without_scripts_a_decision_is_a_form_and_the_page_offers_its_undo(
    client: TestClient, session: Session, author: User, lecturer: User
) -> None:
    comment = say(session, author, state=CommentState.PENDING)
    enter(client, session, lecturer)
    fields = {"decision": "reject", "seen": "pending", "reason": "unkind", "note": "Please be kind."}
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
    moderation.delete(session, author, own.id)
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
    moderation.delete(session, lecturer, comment.id)
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
