import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core import db
from app.core.clock import now
from app.courses.models import Course, Lesson
from app.notes import service
from app.notes.models import Note
from app.search.models import SearchEntry
from tests.factories import make_user
from tests.integration.conftest import ON_SQLITE

FRAGMENT = {"X-Fragment": "1"}
PASSAGE = {"quote": "一个公式", "prefix": "一个数字，", "suffix": "，然后是", "anchor": "first-step"}


@pytest.fixture
def lesson(course: Course) -> Lesson:
    return lesson_named("00-start")


def lesson_named(slug: str) -> Lesson:
    with db.session_scope(writes=False) as reading:
        return reading.scalar(select(Lesson).where(Lesson.slug == slug))


@pytest.fixture
def address(lesson: Lesson) -> str:
    return f"/lessons/{lesson.id}/notes"


def keep(client: TestClient, address: str, text: str = "要记住", **values: str) -> UUID:
    """Add a note through the form without JavaScript; returns its id."""
    answer = client.post(address, data={"language": "zh", "text": text} | values)
    assert answer.status_code == 303, answer.text
    return UUID(answer.headers["location"].partition("#note-")[2])


def notes_in_database(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count(Note.id)).where(Note.deleted_at.is_(None)))


def test_a_note_on_a_lesson_works_without_scripts(
    client: TestClient, student: User, lesson: Lesson, address: str
) -> None:
    form = client.get("/courses/tiny/lessons/00-start").text
    assert f'action="{address}"' in form and 'name="text"' in form
    answer = client.post(address, data={"language": "zh", "text": "要记住"})
    assert (answer.status_code, answer.headers["location"].partition("#")[0]) == (
        303,
        f"/notes?lesson={lesson.id}",
    )
    assert "要记住" in client.get(answer.headers["location"]).text


def test_a_note_on_a_passage_keeps_what_finds_it_again(
    client: TestClient, student: User, address: str, session: Session
) -> None:
    answer = client.post(address, data={"language": "zh", "text": "要记住"} | PASSAGE, headers=FRAGMENT)
    assert answer.status_code == 200
    for name, value in PASSAGE.items():
        assert f'data-{name}="{value}"' in answer.text
    kept = session.scalar(select(Note))
    assert {name: getattr(kept, name) for name in PASSAGE} == PASSAGE


def test_a_highlight_is_a_note_without_text_and_nothing_at_all_is_refused(
    client: TestClient, student: User, address: str, session: Session
) -> None:
    assert client.post(address, data={"language": "zh"} | PASSAGE).status_code == 303
    answer = client.post(address, data={"language": "zh", "text": "  \n "})
    assert answer.status_code == 422 and 'class="field-error"' in answer.text
    assert notes_in_database(session) == 1


def test_a_text_may_have_four_thousand_characters_and_a_longer_one_comes_back(
    client: TestClient, student: User, address: str, session: Session
) -> None:
    keep(client, address, "长" * 4000)
    answer = client.post(address, data={"language": "zh", "text": "长" * 4001})
    assert answer.status_code == 422
    assert "长" * 4001 in answer.text
    told = client.post(address, data={"language": "zh", "text": "长" * 4001}, headers=FRAGMENT)
    assert told.status_code == 422 and "4000" in told.text and "长长" not in told.text
    assert notes_in_database(session) == 1


def test_lines_that_a_browser_counts_once_count_once_here(
    client: TestClient, student: User, address: str
) -> None:
    keep(client, address, "行\r\n" * 1999 + "行行")


def test_what_is_written_is_text(client: TestClient, student: User, address: str) -> None:
    attack = "<img src=x onerror=alert(1)>\"'</textarea><script>alert(2)</script>"
    note = keep(client, address, attack, **PASSAGE | {"quote": attack, "prefix": '"><b>', "anchor": '"><i>'})
    for page in (
        client.get("/notes"),
        client.get(f"/notes/{note}"),
        client.get(address, headers=FRAGMENT),
        client.get("/search", params={"q": "alert"}),
    ):
        assert page.status_code == 200
        assert (
            "<img" not in page.text
            and "<script>alert" not in page.text
            and "<b>" not in page.text
            and "<i>" not in page.text
        )
        assert "onerror=alert(1)&gt;" in re.sub(r"</?mark>", "", page.text)


def test_leading_line_breaks_and_null_characters_do_no_harm(
    client: TestClient, student: User, address: str
) -> None:
    note = keep(client, address, "a\x00b\n\n  line", **PASSAGE | {"suffix": "\x00"})
    assert ">\nab\n\n  line</textarea>" in client.get(f"/notes/{note}").text


def test_a_note_is_changed(client: TestClient, student: User, address: str) -> None:
    note = keep(client, address)
    assert client.post(f"/notes/{note}", data={"text": "other words"}).status_code == 303
    text = client.get("/notes").text
    assert "other words" in text and "要记住" not in text


def test_a_note_on_a_passage_may_lose_its_text_another_may_not(
    client: TestClient, student: User, address: str
) -> None:
    assert client.post(f"/notes/{keep(client, address, **PASSAGE)}", data={"text": ""}).status_code == 303
    assert client.post(f"/notes/{keep(client, address)}", data={"text": ""}).status_code == 422


def test_a_deleted_note_can_be_brought_back(client: TestClient, student: User, address: str) -> None:
    note = keep(client, address)
    answer = client.post(f"/notes/{note}/deletion")
    after = client.get(answer.headers["location"])
    assert "要记住" not in after.text
    assert f'action="/notes/{note}/restoration"' in after.text
    assert client.get(f"/notes/{note}").status_code == 404
    for _ in range(2):  # a double click does no harm
        assert client.post(f"/notes/{note}/restoration").status_code == 303
    assert "要记住" in client.get("/notes").text
    assert f"/notes/{note}/restoration" not in client.get(answer.headers["location"]).text


def test_a_deleted_note_is_gone_for_good_after_a_day(
    client: TestClient, student: User, address: str, session: Session
) -> None:
    note = keep(client, address)
    client.post(f"/notes/{note}/deletion")
    with db.session_scope() as writing:
        writing.execute(
            update(Note).values(deleted_at=now() - service.KEPT_AFTER_DELETION - timedelta(minutes=1))
        )
    keep(client, address, "another")
    assert session.get(Note, note) is None
    session.rollback()
    assert client.post(f"/notes/{note}/restoration").status_code == 404


def test_a_foreign_note_is_not_found_by_any_way(
    client: TestClient, student: User, lesson: Lesson, address: str, session: Session
) -> None:
    lan = make_user(session, "Lan")
    note = service.add_note(session, lan, lesson.id, "zh", service.Passage(), "secret")
    gone = service.add_note(session, lan, lesson.id, "zh", service.Passage(), "deleted secret")
    service.delete_note(session, lan, gone.id)
    session.commit()
    assert client.get(f"/notes/{note.id}").status_code == 404
    assert client.post(f"/notes/{note.id}", data={"text": "mine"}).status_code == 404
    assert client.post(f"/notes/{note.id}/deletion").status_code == 404
    assert client.post(f"/notes/{gone.id}/restoration").status_code == 404
    for page in ("/notes", address, f"/notes?lesson={lesson.id}", f"/notes?deleted={gone.id}"):
        text = client.get(page).text
        assert "secret" not in text and "/restoration" not in text, page
    session.rollback()
    assert (note.text, note.deleted_at) == ("secret", None)


def test_a_visitor_has_no_notes(client: TestClient, course: Course, lesson: Lesson, address: str) -> None:
    assert client.get("/notes").headers["location"] == "/sign-in?next=%2Fnotes"
    assert client.post(address, data={"language": "zh", "text": "x"}).status_code == 401
    assert "data-notes=" not in client.get("/courses/tiny/lessons/00-start").text


def test_notes_belong_to_the_language_of_the_text(
    client: TestClient, student: User, lesson: Lesson, address: str
) -> None:
    keep(client, address, "on Chinese")
    keep(client, address, "on English", language="en")
    assert "on Chinese" in client.get(address, headers=FRAGMENT).text
    assert "on English" not in client.get(address, headers=FRAGMENT).text
    client.post("/preferences", data={"language": "en"})
    assert "on English" in client.get(address, headers=FRAGMENT).text
    everything = client.get("/notes").text
    assert "on Chinese" in everything and "on English" in everything
    # The passage in the other language is one press away.
    assert '<button class="link-button" name="language" value="zh">' in everything


def test_the_list_of_all_notes_comes_in_pages_the_latest_change_first(
    client: TestClient, student: User, lesson: Lesson, session: Session
) -> None:
    for number in range(45):
        service.add_note(session, student, lesson.id, "zh", service.Passage(), f"note-{number:02}-end")
    session.commit()
    pages = [re.findall(r"note-\d\d-end", client.get(f"/notes?page={number}").text) for number in (1, 2, 3)]
    assert [len(page) for page in pages] == [20, 20, 5]
    assert [note for page in pages for note in page] == [
        f"note-{number:02}-end" for number in reversed(range(45))
    ]
    assert re.findall(r"note-\d\d-end", client.get("/notes?page=99").text) == pages[2]


def test_a_note_leads_to_its_passage(client: TestClient, student: User, address: str) -> None:
    note = keep(client, address, **PASSAGE)
    link = f"/courses/tiny/lessons/00-start?note={note}#first-step"
    assert f'href="{link}"' in client.get("/notes").text
    assert client.get(link).status_code == 200


def test_only_the_notes_on_one_lesson_are_shown_where_one_is_named(
    client: TestClient, student: User, address: str
) -> None:
    keep(client, address, "on the first")
    other = lesson_named("01-next").id
    keep(client, f"/lessons/{other}/notes", "on the second")
    text = client.get(f"/notes?lesson={other}").text
    assert "on the second" in text and "on the first" not in text
    assert client.get(f"/notes?lesson={uuid4()}").status_code == 404


def test_notes_stay_readable_when_their_lesson_is_taken_back(
    client: TestClient, student: User, address: str
) -> None:
    keep(client, address, "mine still", **PASSAGE)
    with db.session_scope() as writing:
        writing.scalar(select(Lesson).where(Lesson.slug == "00-start")).published_revision_id = None
    text = client.get("/notes").text
    assert "mine still" in text and "/courses/tiny/lessons/00-start" not in text


def test_there_is_an_end_to_the_notes_on_one_lesson(
    client: TestClient, student: User, lesson: Lesson, address: str, session: Session
) -> None:
    session.add_all(
        [
            Note(user_id=student.id, lesson_id=lesson.id, language="zh", text="x")
            for _ in range(service.NOTES_PER_LESSON)
        ]
    )
    session.commit()
    assert client.post(address, data={"language": "zh", "text": "one more"}).status_code == 422
    assert notes_in_database(session) == service.NOTES_PER_LESSON


@ON_SQLITE
@pytest.mark.parametrize(
    "values",
    [
        {"language": "xx"},
        {"language": ""},
        {"quote": "q" * 2001},
        {"prefix": "p" * 41},
        {"anchor": "a" * 201},
    ],
    ids=str,
)
def test_what_no_page_of_ours_sends_is_refused_and_stored_nowhere(
    client: TestClient, student: User, address: str, session: Session, values: dict[str, str]
) -> None:
    assert client.post(address, data={"language": "zh", "text": "x"} | values).status_code == 422
    assert notes_in_database(session) == 0


def test_a_note_on_an_unknown_lesson_is_not_found(client: TestClient, student: User) -> None:
    assert client.post(f"/lessons/{uuid4()}/notes", data={"language": "zh", "text": "x"}).status_code == 404


def test_a_note_from_another_site_is_refused(
    client: TestClient, student: User, address: str, session: Session
) -> None:
    answer = client.post(
        address, data={"language": "zh", "text": "x"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    assert notes_in_database(session) == 0


def test_a_removed_account_takes_its_notes_along(
    client: TestClient, student: User, address: str, session: Session
) -> None:
    keep(client, address)
    with db.session_scope() as writing:
        writing.delete(writing.get(User, student.id))
    session.rollback()
    assert session.scalar(select(func.count(Note.id))) == 0
    assert session.scalar(select(func.count(SearchEntry.id)).where(SearchEntry.kind == "note")) == 0
