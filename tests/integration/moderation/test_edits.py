"""Editing a comment: what is marked, kept and shown."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board.models import CommentEdit, CommentState
from app.board.own import editing
from app.core.clock import now
from app.core.db import session_scope
from app.core.errors import Forbidden, Invalid, NotFound
from app.moderation.service import Decision
from tests.integration.board.written import say
from tests.integration.conftest import enter
from tests.integration.moderation.acts import decide, state_now
from tests.integration.statements import asking_for_a_lock

pytestmark = pytest.mark.usefixtures("redis")


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
        said = {"body": f"said {hours} hours ago", "was_seen": True, "replaced_at": moment}
        session.add(CommentEdit(comment_id=comment.id, **said))
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


@pytest.mark.parametrize("state", [CommentState.PENDING, CommentState.WITHHELD])
def test_what_no_reader_ever_saw_is_shown_to_moderators_alone(
    client: TestClient, session: Session, student: User, author: User, lecturer: User, state: CommentState
) -> None:
    comment = say(session, author, "Filthy words that wait.", ago=timedelta(minutes=20), state=state)
    editing.edit(session, author, comment.id, "A lovely harmless text.")
    decide(session, lecturer, comment, Decision.APPROVE)
    editing.edit(session, author, comment.id, "A lovely text, and harmless.")
    session.commit()
    address = f"/comments/{comment.id}/history"
    for reader, sees_it in ((student, False), (author, False), (lecturer, True)):
        enter(client, session, reader)
        page = client.get(address).text
        assert "A lovely harmless text." in page
        assert ("Filthy words" in page) == sees_it


def test_one_does_not_change_a_second_comment_into_what_one_has_just_said(
    session: Session, author: User
) -> None:
    first, second = say(session, author), say(session, author)
    editing.edit(session, author, first.id, "Buy cheap watches now!")
    with pytest.raises(Invalid) as error:
        editing.edit(session, author, second.id, "Buy cheap watches now!")
    assert error.value.fields["body"]
    editing.edit(session, author, first.id, "Buy cheap watches, now!")


@pytest.mark.parametrize("hours", [0.2, 9])
def test_nor_one_that_was_written_long_before(session: Session, author: User, hours: float) -> None:
    """Which an edit within 15 minutes does not mark."""
    first, second = (say(session, author, ago=timedelta(hours=hours)) for _each in range(2))
    editing.edit(session, author, first.id, "Buy cheap watches now!")
    with pytest.raises(Invalid):
        editing.edit(session, author, second.id, "Buy cheap watches now!")


def test_what_was_said_long_ago_may_be_said_again_by_an_edit(session: Session, author: User) -> None:
    say(session, author, "打卡", ago=timedelta(hours=1))
    comment = say(session, author)
    editing.edit(session, author, comment.id, "打卡")
    assert comment.body == "打卡"


def test_the_rule_for_links_holds_for_an_edit(
    session: Session, author: User, configure: Callable[..., None]
) -> None:
    configure(new_user_hours=24)
    comment = say(session, author)
    with pytest.raises(Invalid):
        editing.edit(session, author, comment.id, "https://a.example https://b.example https://c.example")


def test_an_edit_that_meets_a_rejection_comes_too_late(
    session: Session, author: User, lecturer: User
) -> None:
    comment = say(session, author, "This is worth a rejection.", state=CommentState.PENDING)
    session.commit()
    decide(session, lecturer, comment, Decision.REJECT)

    def change() -> None:
        with session_scope() as own:
            editing.edit(own, own.get_one(User, author.id), comment.id, "This is quite harmless.")

    with ThreadPoolExecutor(1) as threads, asking_for_a_lock() as is_waiting:
        changing = threads.submit(change)
        assert is_waiting.wait(60)
        session.commit()
        with pytest.raises(Forbidden):
            changing.result()
    assert state_now(session, comment) == CommentState.REJECTED
    assert comment.body == "This is worth a rejection."
