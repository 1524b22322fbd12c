"""Nothing typed is silently lost: not its end, not its indentation, not a name in code."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.board import places
from app.board.models import Comment
from tests.integration.board.talk import FRAGMENT, say, write
from tests.integration.conftest import ON_SQLITE

pytestmark = [ON_SQLITE, pytest.mark.usefixtures("redis")]

CODE = "Why does this fail?\n\ndef f(self, x):\n    return self.__call__(x) * 2"


def count(session: Session) -> int:
    return session.scalar(select(func.count(Comment.id))) or 0


@pytest.mark.parametrize("length", [4001, 20_000, 60_000])
def test_a_comment_that_is_too_long_comes_back_whole_with_a_sentence(
    client: TestClient, place: places.ThreadHost, student: User, session: Session, length: int
) -> None:
    text = "字" * length
    refused = write(client, place, text)
    assert refused.status_code == 422
    assert text in refused.text and str(length) in refused.text and "4000" in refused.text
    assert count(session) == 0


def test_loose_code_is_asked_about_and_goes_into_a_block_without_a_script(
    client: TestClient, place: places.ThreadHost, student: User, session: Session
) -> None:
    asked = write(client, place, CODE)
    assert asked.status_code == 422 and 'value="code"' in asked.text and 'value="as-is"' in asked.text
    assert "return self.__call__(x) * 2" in asked.text and count(session) == 0
    changed = write(client, place, CODE, act="code")
    assert changed.status_code == 200 and "```python\ndef f(self, x):\n    return" in changed.text
    assert 'class="language-python"' in changed.text and 'value="code"' not in changed.text
    assert count(session) == 0


def test_whoever_wants_loose_code_to_stay_may_send_it(
    client: TestClient, place: places.ThreadHost, student: User, session: Session
) -> None:
    assert write(client, place, CODE, act="as-is").status_code == 303
    assert session.scalar(select(Comment.body)) == CODE


def test_a_preview_and_an_edit_offer_the_block_too(
    client: TestClient, place: places.ThreadHost, student: User, session: Session
) -> None:
    assert 'value="code"' in write(client, place, CODE, act="preview").text
    comment = say(session, student, "A comment to be changed", place=place)
    session.commit()
    address = f"/comments/{comment.id}/edit"
    asked = client.post(address, data={"body": CODE})
    assert asked.status_code == 422 and 'value="as-is"' in asked.text
    changed = client.post(address, data={"body": CODE, "act": "code"}, headers=FRAGMENT)
    assert changed.status_code == 200 and "```python" in changed.text
    assert client.post(address, data={"body": CODE, "act": "as-is"}).status_code == 303


def test_a_mention_in_code_is_what_was_typed_wherever_it_is_shown(
    client: TestClient, place: places.ThreadHost, student: User, hao: User, session: Session
) -> None:
    body = "同学 @*李 看这一行：`@*李` 只是代码\n\n```python\n@*李\ndef f(): pass\n```"
    written = write(client, place, body, mentions=f"@[*李](user:{hao.id})")
    assert written.status_code == 303
    comment = session.scalars(select(Comment)).one()
    assert comment.body.count("](user:") == 1 and comment.html.count("/people/") == 1
    page = client.get(written.headers["location"], follow_redirects=True).text
    assert (
        "<code>@*李</code>" in page
        and "](user:" not in page.partition('id="discussion"')[2].partition("<form")[0]
    )
    edited = client.get(f"/comments/{comment.id}/edit").text
    assert "看这一行：`@*李` 只是代码" in edited
