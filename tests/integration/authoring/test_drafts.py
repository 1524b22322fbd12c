"""Drafts: who may write them, and concurrent editing."""

from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.courses.models import Lesson, LessonDraft
from tests.factories import make_user
from tests.integration.authoring.texts import LESSON, add_sentence, one, png, put, text_of, version_of
from tests.integration.conftest import enter


def test_only_staff_edits(client: TestClient, session: Session, lesson: Lesson) -> None:
    addresses = [
        "/authoring",
        f"/authoring/lessons/{lesson.id}",
        f"/authoring/lessons/{lesson.id}/preview",
        f"/authoring/lessons/{lesson.id}/revisions",
    ]
    assert {client.get(address).status_code for address in addresses} == {303}
    enter(client, session, make_user(session, "Ming"))
    assert {client.get(address).status_code for address in addresses} == {403}
    assert put(client, addresses[1], 100_000, en_md="x").status_code == 403
    assert client.post(f"{addresses[1]}/publication").status_code == 403
    assert client.post(f"{addresses[1]}/rendering", json={"language": "en", "sources": {}}).status_code == 403
    assert client.post(f"{addresses[1]}/pictures", files={"picture": png()}).status_code == 403


def test_an_autosaved_draft_is_not_what_readers_see(client: TestClient, editor: str, lesson: Lesson) -> None:
    add_sentence(client, editor, lesson)
    assert "One more sentence." in client.get(editor).text
    client.cookies.set("language", "en")
    assert "One more sentence." not in client.get(LESSON).text


def test_opening_the_editor_writes_nothing(client: TestClient, editor: str, session: Session) -> None:
    client.get(editor)
    client.get(f"{editor}/preview")
    assert one(select(func.count()).select_from(LessonDraft)) == 0


def test_saving_what_is_there_already_makes_no_draft(
    client: TestClient, editor: str, lesson: Lesson, session: Session
) -> None:
    assert put(client, editor, version_of(lesson), en_md=text_of(lesson)).status_code == 200
    assert one(select(func.count()).select_from(LessonDraft)) == 0


def test_who_saves_on_top_of_an_older_version_gets_the_other_text_and_loses_none(
    client: TestClient, editor: str, lesson: Lesson
) -> None:
    version = version_of(lesson)
    assert put(client, editor, version, en_md="The first writer's text.").status_code == 200
    answer = put(client, editor, version, en_md="The second writer's text.")
    assert answer.status_code == 409
    assert answer.json()["sources"]["en.md"] == "The first writer's text."
    assert answer.json()["saved_by"] == "Lin Hua"
    assert text_of(lesson) == "The first writer's text."
    assert put(client, editor, answer.json()["version"], en_md="Both texts, merged.").status_code == 200


def test_a_page_from_before_a_publication_cannot_overwrite_the_draft_begun_after_it(
    client: TestClient, editor: str, lesson: Lesson
) -> None:
    add_sentence(client, editor, lesson)
    old = version_of(lesson)
    client.post(f"{editor}/publication")
    add_sentence(client, editor, lesson, "Begun afterwards.")
    assert put(client, editor, old, en_md="Typed long ago.").status_code == 409


def test_without_scripts_a_conflict_shows_both_texts(client: TestClient, editor: str, lesson: Lesson) -> None:
    version = version_of(lesson)
    put(client, editor, version, en_md="Theirs.")
    answer = client.post(f"{editor}/draft", data={"version": version, "en.md": "Mine."})
    assert answer.status_code == 409
    assert ">\nMine.</textarea>" in answer.text
    assert ">\nTheirs.</textarea>" in answer.text
    assert text_of(lesson) == "Theirs."


def test_a_form_sends_crlf_and_the_draft_keeps_lf(
    client: TestClient, editor: str, lesson: Lesson, session: Session
) -> None:
    same = text_of(lesson).replace("\n", "\r\n")
    assert (
        client.post(f"{editor}/draft", data={"version": version_of(lesson), "en.md": same}).status_code == 303
    )
    assert one(select(func.count()).select_from(LessonDraft)) == 0


def test_texts_that_cannot_be_stored_are_refused_and_a_null_character_is_replaced(
    client: TestClient, editor: str, lesson: Lesson
) -> None:
    assert put(client, editor, version_of(lesson), en_md="x" * 400_001).status_code == 422
    assert (
        client.put(f"{editor}/draft", content=b'{"version": 1, "sources": {"en.md": "\\ud800"}}').status_code
        == 422
    )
    assert (
        client.put(f"{editor}/draft", json={"version": 1, "sources": {"../secret": "x"}}).status_code == 422
    )
    put(client, editor, version_of(lesson), en_md="a\0b")
    assert text_of(lesson) == "a\ufffdb"
