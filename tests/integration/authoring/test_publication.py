"""Publishing, previews, revisions, and publishing at a set time."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.authoring import publication
from app.authoring.models import PublicationOrder
from app.core.clock import now
from app.core.db import session_scope
from app.courses.models import Lesson, LessonDraft, LessonRevision, Origin
from app.publishing.loader import load_course
from tests.factories import TINY_COURSE
from tests.integration.authoring.texts import LESSON, add_sentence, one, put, text_of, version_of


def test_publishing_makes_a_revision_by_its_author_that_readers_see(
    client: TestClient, editor: str, lesson: Lesson, session: Session, lecturer: User
) -> None:
    add_sentence(client, editor, lesson)
    assert client.post(f"{editor}/publication").status_code == 303
    revision = one(
        select(LessonRevision)
        .order_by(LessonRevision.number.desc())
        .where(LessonRevision.lesson_id == lesson.id)
    )
    assert (revision.number, revision.author_id, revision.origin) == (2, lecturer.id, Origin.EDITOR)
    assert one(select(func.count()).select_from(LessonDraft)) == 0
    client.cookies.set("language", "en")
    assert "One more sentence." in client.get(LESSON).text


def test_what_was_published_here_survives_the_next_load_of_the_folder(
    client: TestClient, editor: str, lesson: Lesson
) -> None:
    add_sentence(client, editor, lesson)
    client.post(f"{editor}/publication")
    with session_scope() as session:
        report = load_course(session, TINY_COURSE)
    assert any("00-start" in sentence for sentence in report.kept)
    client.cookies.set("language", "en")
    assert "One more sentence." in client.get(LESSON).text


def test_a_draft_with_mistakes_is_not_published_and_the_mistakes_are_named(
    client: TestClient, editor: str, lesson: Lesson
) -> None:
    put(client, editor, version_of(lesson), en_md=text_of(lesson) + "\n$\\frac{1$\n\n::: lab nowhere\n:::\n")
    answer = client.post(f"{editor}/publication")
    assert answer.status_code == 422
    assert "en.md:14" in answer.text and "nowhere" in answer.text
    assert client.get(LESSON).status_code == 200


def test_there_is_nothing_to_publish_twice(client: TestClient, editor: str) -> None:
    assert client.post(f"{editor}/publication").status_code == 409


def test_an_unpublished_lesson_is_gone_for_readers_and_stays_so_when_the_folder_is_loaded(
    client: TestClient, editor: str, lesson: Lesson
) -> None:
    assert client.post(f"{editor}/unpublication").status_code == 303
    assert client.get(LESSON).status_code == 404
    with session_scope() as session:
        load_course(session, TINY_COURSE)
    assert client.get(LESSON).status_code == 404
    assert client.post(f"{editor}/publication").status_code == 303
    assert client.get(LESSON).status_code == 200


def test_the_preview_shows_the_draft_as_a_page_and_its_forms_do_nothing(
    client: TestClient, editor: str, lesson: Lesson
) -> None:
    add_sentence(client, editor, lesson)
    client.cookies.set("language", "en")
    page = client.get(f"{editor}/preview")
    assert "One more sentence." in page.text
    assert (
        client.post(f"{editor}/preview/labs/digits/jobs", data={"epochs": "1"}).headers["location"]
        == f"{editor}/preview"
    )


def test_the_live_preview_renders_what_is_typed_and_stores_nothing(
    client: TestClient, editor: str, lesson: Lesson
) -> None:
    body = {
        "language": "en",
        "sources": {"en.md": text_of(lesson) + "\n**typed** <script>alert(1)</script>\n"},
    }
    answer = client.post(f"{editor}/rendering", json=body).json()
    assert "<strong>typed</strong>" in answer["html"]
    assert "<script>alert" not in answer["html"]
    assert "typed" not in text_of(lesson)


def test_the_live_preview_names_the_mistakes_with_their_lines(client: TestClient, editor: str) -> None:
    body = {
        "language": "en",
        "sources": {"en.md": "## Here {#first-step}\n\n[x]{term=nobody}\n\n::: lab digits\n:::\n"},
    }
    faults = client.post(f"{editor}/rendering", json=body).json()["faults"]
    assert [(fault["file"], fault["line"]) for fault in faults if "nobody" in fault["message"]] == [
        ("en.md", 3)
    ]


def test_a_broken_toml_file_stops_the_preview_and_not_the_editor(client: TestClient, editor: str) -> None:
    answer = client.post(
        f"{editor}/rendering", json={"language": "en", "sources": {"lesson.toml": 'title = "'}}
    ).json()
    assert answer["html"] is None
    assert answer["faults"][0]["file"] == "lesson.toml"


def test_revisions_are_compared_line_by_line_and_restored_into_the_draft(
    client: TestClient, editor: str, lesson: Lesson
) -> None:
    before = text_of(lesson)
    add_sentence(client, editor, lesson)
    client.post(f"{editor}/publication")
    assert "One more sentence." in client.get(f"{editor}/differences?before=1&after=2").text
    add_sentence(client, editor, lesson, "In the draft only.")
    assert client.post(f"{editor}/revisions/1/restoration").status_code == 303
    assert text_of(lesson) == before
    assert client.post(f"{editor}/restoration/undoing").status_code == 303
    assert "In the draft only." in text_of(lesson)


@pytest.mark.parametrize(
    "query", ["before=9&after=1", "before=draft&after=x", "before=1&after=99999999999999999999"]
)
def test_there_is_no_difference_to_a_revision_that_does_not_exist(
    client: TestClient, editor: str, query: str
) -> None:
    assert client.get(f"{editor}/differences?{query}").status_code == 404


def test_a_scheduled_draft_is_published_when_its_time_has_come_and_not_before(
    client: TestClient, editor: str, lesson: Lesson, lecturer: User
) -> None:
    add_sentence(client, editor, lesson)
    later = now() + timedelta(hours=2)
    local = (later + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M")  # a clock in Shanghai
    assert client.post(f"{editor}/schedule", data={"publish_at": local, "offset": "-480"}).status_code == 303
    assert publication.publish_due(later - timedelta(minutes=5)) == 0
    assert publication.publish_due(later) == 1
    with session_scope(writes=False) as session:
        assert (
            session.scalar(select(LessonRevision.author_id).order_by(LessonRevision.number.desc()))
            == lecturer.id
        )
    client.cookies.set("language", "en")
    assert "One more sentence." in client.get(LESSON).text


def test_a_scheduled_draft_that_got_a_mistake_is_not_published_and_says_why(
    client: TestClient, editor: str, lesson: Lesson
) -> None:
    add_sentence(client, editor, lesson)
    tomorrow = (now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    client.post(f"{editor}/schedule", data={"publish_at": tomorrow})
    put(client, editor, version_of(lesson), en_md="no heading, no lab")
    assert publication.publish_due(now() + timedelta(days=2)) == 0
    assert publication.publish_due(now() + timedelta(days=2)) == 0
    sentences = {
        "zh": "en.md：课文里没有放实验 &#39;digits&#39;",
        "en": "en.md: the lab &#39;digits&#39; is placed nowhere",
    }
    for language, sentence in sentences.items():
        client.cookies.set("language", language)
        assert sentence in client.get(editor).text
    with session_scope(writes=False) as session:
        assert session.scalar(select(PublicationOrder.faults))
        assert session.scalar(select(LessonDraft.publish_at)) is None


def test_what_somebody_scheduled_who_may_no_longer_publish_is_not_published(
    client: TestClient, editor: str, lesson: Lesson, lecturer: User
) -> None:
    add_sentence(client, editor, lesson)
    client.post(
        f"{editor}/schedule", data={"publish_at": (now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")}
    )
    with session_scope() as session:
        session.get(User, lecturer.id).role = Role.STUDENT
    assert publication.publish_due(now() + timedelta(days=2)) == 0


def test_a_schedule_in_the_past_is_refused_at_its_field_and_one_can_be_called_off(
    client: TestClient, editor: str, lesson: Lesson
) -> None:
    add_sentence(client, editor, lesson)
    answer = client.post(f"{editor}/schedule", data={"publish_at": "2020-01-01T10:00"})
    assert answer.status_code == 422
    assert 'id="publish-at-error"' in answer.text
    client.post(
        f"{editor}/schedule", data={"publish_at": (now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")}
    )
    assert client.post(f"{editor}/schedule/cancellation").status_code == 303
    assert publication.publish_due(now() + timedelta(days=2)) == 0
