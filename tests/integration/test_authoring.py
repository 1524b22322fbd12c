"""Writing lessons in the browser: drafts, publication, revisions, order. Without scripts, as a form sends it, and as the editor does."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app import storage
from app.accounts.models import Role, User
from app.admin.models import Act
from app.authoring import drafts, parts, publication
from app.authoring.models import PublicationOrder
from app.clock import now
from app.courses.loader import load_course
from app.courses.models import Course, Lesson, LessonDraft, LessonRevision, Module, Origin
from app.courses.sources import parse_lesson, parse_quiz
from app.db import session_scope
from tests.factories import TINY_COURSE, make_user
from tests.integration.conftest import enter

LESSON = "/courses/tiny/lessons/00-start"


@pytest.fixture
def lecturer(client: TestClient, session: Session, course: Course) -> User:
    user = make_user(session, "Lin Hua", Role.LECTURER)
    enter(client, session, user)
    return user


@pytest.fixture
def lesson(course: Course) -> Lesson:
    return one(select(Lesson).where(Lesson.slug == "00-start"))


@pytest.fixture
def editor(lecturer: User, lesson: Lesson) -> str:
    """The address of the editor of lesson 00, which `client` may use."""
    return f"/authoring/lessons/{lesson.id}"


def one(statement: Select[Any]) -> Any:
    """What is stored now, asked in a transaction that is over at once: SQLite lets one at a time write."""
    with session_scope(writes=False) as session:
        return session.scalar(statement)


def version_of(lesson: Lesson) -> int:
    with session_scope(writes=False) as session:
        return drafts.lesson_text(session, lesson.id).version


def text_of(lesson: Lesson, name: str = "en.md") -> str:
    with session_scope(writes=False) as session:
        return drafts.lesson_text(session, lesson.id).sources[name]


def put(client: TestClient, editor: str, version: int, **sources: str) -> Any:
    named = {name.replace("_", "."): text for name, text in sources.items()}
    return client.put(
        f"{editor}/draft", json={"version": version, "sources": named}, headers={"Accept": "application/json"}
    )


def add_sentence(
    client: TestClient, editor: str, lesson: Lesson, sentence: str = "One more sentence."
) -> None:
    answer = put(
        client,
        editor,
        version_of(lesson),
        en_md=text_of(lesson) + f"\n{sentence}\n",
        zh_md=text_of(lesson, "zh.md") + "\n又一句。\n",
    )
    assert answer.status_code == 200, answer.text


def png(width: int = 8, height: int = 8) -> bytes:
    output = BytesIO()
    Image.new("RGB", (width, height), (20, 120, 60)).save(output, "PNG")
    return output.getvalue()


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
    assert "the lab &#39;digits&#39; is placed nowhere" in client.get(editor).text
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


def test_an_uploaded_picture_is_rebuilt_from_its_pixels_and_named_by_the_server(
    client: TestClient, editor: str, lesson: Lesson
) -> None:
    smuggled = png() + b"<script>alert(1)</script>"
    answer = client.post(
        f"{editor}/pictures",
        files={"picture": ("../../evil.html", smuggled, "text/html")},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 201
    assert answer.json()["name"].startswith("figures/") and answer.json()["name"].endswith(".png")
    stored = client.get(answer.json()["address"])
    assert stored.headers["content-type"] == "image/png"
    assert b"script" not in stored.content
    assert Image.open(BytesIO(stored.content)).getpixel((0, 0)) == (20, 120, 60)


def test_a_photograph_stands_upright_and_says_nothing_about_where_it_was_taken(
    client: TestClient, editor: str
) -> None:
    photograph, exif, output = Image.new("RGB", (30, 10), "white"), Image.Exif(), BytesIO()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010E] = "at home"
    photograph.save(output, "JPEG", exif=exif)
    answer = client.post(
        f"{editor}/pictures", files={"picture": output.getvalue()}, headers={"Accept": "application/json"}
    )
    stored = Image.open(BytesIO(client.get(answer.json()["address"]).content))
    assert stored.size == (10, 30)
    assert not stored.getexif()


@pytest.mark.parametrize(
    "content",
    [
        b"<!doctype html><script>alert(1)</script>",
        b"\x89PNG\r\n\x1a\nbroken",
        b"GIF89a",
        b"%PDF-1.7",
        png(9000, 9000),
        b"\xff\xd8\xff" + bytes(2 * 1024 * 1024),
    ],
    ids=["html", "broken", "cut", "pdf", "81 million pixels", "more than 2 MB"],
)
def test_what_is_no_picture_or_too_large_is_refused_with_a_sentence(
    client: TestClient, editor: str, session: Session, content: bytes
) -> None:
    answer = client.post(
        f"{editor}/pictures",
        files={"picture": ("a.png", content, "image/png")},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 422
    assert answer.json()["error"]["fields"]["picture"]
    assert one(select(func.count()).select_from(LessonDraft)) == 0


def test_an_svg_keeps_its_shapes_and_nothing_that_runs(client: TestClient, editor: str) -> None:
    svg = b'<svg viewBox="0 0 1 1" onload="alert(1)"><script>alert(1)</script><circle r="1"/></svg>'
    answer = client.post(
        f"{editor}/pictures", files={"picture": ("a.svg", svg)}, headers={"Accept": "application/json"}
    )
    content = client.get(answer.json()["address"]).content
    assert b"<circle" in content and b"alert" not in content


def test_a_picture_that_was_uploaded_can_be_shown_and_taken_out_again(
    client: TestClient, editor: str, lesson: Lesson
) -> None:
    version = version_of(lesson)
    name = client.post(
        f"{editor}/pictures", files={"picture": png()}, headers={"Accept": "application/json"}
    ).json()["name"]
    assert version_of(lesson) == version, "an upload does not get in the way of who is writing"
    body = {
        "language": "en",
        "sources": {"en.md": text_of(lesson) + f'\n![a green square]({name} "green")\n'},
    }
    assert '<img src="/pictures/' in client.post(f"{editor}/rendering", json=body).json()["html"]
    assert client.post(f"{editor}/pictures/removal", data={"name": name}).status_code == 303
    assert name not in client.get(editor).text


def test_a_published_picture_reaches_readers(client: TestClient, editor: str, lesson: Lesson) -> None:
    name = client.post(
        f"{editor}/pictures", files={"picture": png()}, headers={"Accept": "application/json"}
    ).json()["name"]
    add_sentence(client, editor, lesson, f'![a green square]({name} "green")')
    assert client.post(f"{editor}/publication").status_code == 303
    with session_scope(writes=False) as session:
        revision = session.scalar(select(LessonRevision).order_by(LessonRevision.number.desc()))
        assert storage.read(revision.pictures[name])
    client.cookies.set("language", "en")
    assert "a green square" in client.get(LESSON).text


def test_two_people_who_have_a_lesson_open_see_each_other(
    client: TestClient, editor: str, session: Session, lecturer: User
) -> None:
    tabs = ["00000000-0000-0000-0000-00000000000a", "00000000-0000-0000-0000-00000000000b"]
    assert client.post(f"{editor}/presence", json={"tab": tabs[0]}).json()["others"] == []
    teacher = make_user(session, "Teacher", Role.ADMIN)
    enter(client, session, teacher)
    others = client.post(f"{editor}/presence", json={"tab": tabs[1]}).json()["others"]
    assert [(other["name"], other["is_self"]) for other in others] == [("Lin Hua", False)]
    assert "Lin Hua" in client.get(editor).text
    enter(client, session, lecturer)
    assert client.post(f"{editor}/presence", json={"tab": tabs[0], "leaves": True}).status_code == 204
    enter(client, session, teacher)
    assert client.post(f"{editor}/presence", json={"tab": tabs[1]}).json()["others"] == []


def test_a_new_lesson_is_written_as_a_draft_and_published_at_its_place(
    client: TestClient, lecturer: User, session: Session
) -> None:
    module = one(select(Module))
    form = {
        "slug": "02-last",
        "title_zh": '最后"一讲"',
        "title_en": "The last",
        "question_zh": "完了吗？",
        "question_en": "Is it over?",
    }
    answer = client.post(f"/authoring/modules/{module.id}/lessons", data=form)
    assert answer.status_code == 303
    editor = answer.headers["location"]
    client.cookies.set("language", "en")
    assert "The course check finds no mistake." in client.get(editor).text
    assert client.get("/courses/tiny/lessons/02-last").status_code == 404
    assert client.post(f"{editor}/publication").status_code == 303
    assert "The last" in client.get("/courses/tiny/lessons/02-last").text
    assert client.get("/courses/tiny").text.index("Go on") < client.get("/courses/tiny").text.index(
        "The last"
    )


@pytest.mark.parametrize("slug", ["last", "02 last", "02-Last", "../02-x", "00-start"])
def test_a_lessons_short_name_is_two_digits_and_words_and_its_own(
    client: TestClient, lecturer: User, session: Session, slug: str
) -> None:
    module = one(select(Module))
    form = {"slug": slug, "title_zh": "新", "title_en": "New", "question_zh": "？", "question_en": "?"}
    answer = client.post(f"/authoring/modules/{module.id}/lessons", data=form)
    assert answer.status_code == 422
    assert 'id="field-slug-error"' in answer.text


def test_lessons_and_modules_move_by_buttons_and_lessons_cross_into_the_next_module(
    client: TestClient, lecturer: User, session: Session, course: Course
) -> None:
    form = {"slug": "second", "title_zh": "第二篇", "title_en": "Second part"}
    assert client.post(f"/authoring/courses/{course.id}/modules", data=form).status_code == 303
    last = one(select(Lesson).where(Lesson.slug == "01-next"))

    def order() -> list[tuple[str, list[str]]]:
        with session_scope(writes=False) as fresh:
            modules = fresh.scalars(select(Module).order_by(Module.position)).all()
            return [
                (
                    m.slug,
                    list(
                        fresh.scalars(
                            select(Lesson.slug).where(Lesson.module_id == m.id).order_by(Lesson.position)
                        )
                    ),
                )
                for m in modules
            ]

    (first, lessons), (second, none) = order()
    assert (second, none) == ("second", [])
    client.post(f"/authoring/lessons/{last.id}/place", data={"direction": "down"})
    assert order() == [(first, lessons[:-1]), ("second", [lessons[-1]])]
    client.post(f"/authoring/lessons/{last.id}/place", data={"direction": "down"})
    assert order() == [(first, lessons[:-1]), ("second", [lessons[-1]])], "at the end it stays"
    module_id = one(select(Module.id).where(Module.slug == "second"))
    client.post(f"/authoring/modules/{module_id}/place", data={"direction": "up"})
    assert order() == [("second", [lessons[-1]]), (first, lessons[:-1])]
    client.cookies.set("language", "en")
    text = client.get("/courses/tiny").text
    assert text.index("Go on") < text.index("Start</")
    with session_scope() as fresh:
        report = load_course(fresh, TINY_COURSE)
    assert any("course.toml" in sentence for sentence in report.kept)
    assert order()[0] == ("second", [lessons[-1]])


def test_a_module_with_lessons_and_a_published_lesson_are_not_removed(
    client: TestClient, lecturer: User, session: Session, lesson: Lesson
) -> None:
    assert client.post(f"/authoring/modules/{lesson.module_id}/removal").status_code == 409
    assert client.post(f"/authoring/lessons/{lesson.id}/removal").status_code == 409
    assert client.get(LESSON).status_code == 200


def test_titles_are_changed_in_both_languages(client: TestClient, lecturer: User, course: Course) -> None:
    form = {
        "title_zh": "新课",
        "title_en": "A renamed course",
        "summary_zh": "一句。",
        "summary_en": "A sentence.",
    }
    assert client.post(f"/authoring/courses/{course.id}/titles", data=form).status_code == 303
    client.cookies.set("language", "en")
    assert "A renamed course" in client.get("/courses/tiny").text
    answer = client.post(f"/authoring/courses/{course.id}/titles", data={**form, "title_zh": ""})
    assert answer.status_code == 422
    assert 'id="field-title_zh-error"' in answer.text


def test_acts_of_editors_are_in_the_journal(
    client: TestClient, editor: str, lesson: Lesson, session: Session
) -> None:
    add_sentence(client, editor, lesson)
    client.post(f"{editor}/publication")
    client.post(f"{editor}/unpublication")
    assert list(session.scalars(select(Act.kind).order_by(Act.id))) == ["publication", "unpublication"]
    assert set(session.scalars(select(Act.actor_name))) == {"Lin Hua"}


def test_editing_what_does_not_exist_is_a_404(client: TestClient, lecturer: User) -> None:
    nowhere = "/authoring/lessons/00000000-0000-0000-0000-000000000000"
    assert [client.get(nowhere + tail).status_code for tail in ("", "/preview", "/revisions")] == [
        404,
        404,
        404,
    ]
    assert put(client, nowhere, 0, en_md="x").status_code == 404


SINGLE = {
    "kind": "single", "key": "why-relu", "place": "on", "prompt-zh": "为什么？", "prompt-en": "Why?",
    "options-0-text-zh": "甲", "options-0-text-en": "A", "options-0-why-zh": "对", "options-0-why-en": "yes", "options-0-correct": "on",
    "options-1-text-zh": "乙", "options-1-text-en": "B", "options-1-why-zh": "错", "options-1-why-en": "no", "options-2-text-zh": "",
}  # fmt: skip


def test_a_question_is_added_by_a_form_placed_in_both_texts_and_publishable(
    client: TestClient, editor: str, lesson: Lesson
) -> None:
    assert client.get(f"{editor}/new-question?kind=single").status_code == 200
    assert client.post(f"{editor}/questions", data=SINGLE).status_code == 303
    assert [question.key for question in parse_quiz(text_of(lesson, "quiz.toml")).questions] == ["why-relu"]
    assert text_of(lesson).endswith("::: quiz why-relu\n:::\n") and text_of(lesson, "zh.md").endswith(
        "::: quiz why-relu\n:::\n"
    )
    assert client.post(f"{editor}/publication").status_code == 303


def test_a_question_without_a_right_option_keeps_what_was_typed_and_says_what_is_missing(
    client: TestClient, editor: str, lesson: Lesson
) -> None:
    answer = client.post(f"{editor}/questions", data={**SINGLE, "options-0-correct": "", "prompt-en": ""})
    assert answer.status_code == 422
    assert 'id="part-prompt-en-error"' in answer.text and ">\n乙</textarea>" in answer.text
    assert parse_quiz(text_of(lesson, "quiz.toml")).questions == []


def test_a_question_is_changed_by_its_form_unless_somebody_else_just_did(
    client: TestClient, editor: str, lesson: Lesson
) -> None:
    client.post(f"{editor}/questions", data=SINGLE)
    page = client.get(f"{editor}/questions/why-relu").text
    was = page.split('name="was" value="')[1].split('"')[0]
    changed = {**SINGLE, "was": was, "prompt-en": "Why indeed?"}
    assert client.post(f"{editor}/questions/why-relu", data=changed).status_code == 303
    assert parse_quiz(text_of(lesson, "quiz.toml")).questions[0].prompt.en == "Why indeed?"
    assert (
        client.post(f"{editor}/questions/why-relu", data={**changed, "prompt-en": "Too late"}).status_code
        == 422
    )
    assert client.post(f"{editor}/questions/why-relu/removal").status_code == 303
    assert parse_quiz(text_of(lesson, "quiz.toml")).questions == []


@pytest.mark.parametrize("kind", ["single", "multiple", "number", "order", "code"])
def test_every_kind_of_question_has_a_form(client: TestClient, editor: str, kind: str) -> None:
    assert client.get(f"{editor}/new-question?kind={kind}").status_code == 200
    assert client.post(f"{editor}/questions", data={"kind": kind}).status_code == 422


def test_a_lab_goes_through_its_form_unchanged(
    client: TestClient, editor: str, lesson: Lesson, session: Session, lecturer: User
) -> None:
    before = parse_lesson(text_of(lesson, "lesson.toml"))
    part = parts.find(session, lesson.id, "lab", "digits")
    parts.save(session, lecturer, lesson.id, "lab", "digits", {**part.fields, "was": part.was})
    session.commit()
    assert parse_lesson(text_of(lesson, "lesson.toml")) == before


def test_a_lab_is_added_by_a_form_that_checks_its_values(
    client: TestClient, editor: str, lesson: Lesson
) -> None:
    assert client.get(f"{editor}/new-lab").status_code == 200
    assert client.get(f"{editor}/new-lab?recipe=mnist-mlp").status_code == 200
    form = {
        "recipe": "mnist-mlp", "key": "more", "place": "on", "title-zh": "再来", "title-en": "More", "task-zh": "练。", "task-en": "Train.",
        "values-epochs": "3", "modes-epochs": "fixed", "values-learning_rate": "0.05", "modes-dropout": "hidden",
        "goal-text-zh": "到 0.9", "goal-text-en": "Reach 0.9", "goal-conditions-0-metric": "test_accuracy", "goal-conditions-0-at_least": "0.9",
    }  # fmt: skip
    answer = client.post(f"{editor}/labs", data={**form, "values-epochs": "three"})
    assert answer.status_code == 422
    assert 'id="part-values-epochs-error"' in answer.text
    assert client.post(f"{editor}/labs", data=form).status_code == 303
    lab = parse_lesson(text_of(lesson, "lesson.toml")).labs[-1]
    assert (lab.fixed, lab.defaults, lab.hidden) == ({"epochs": 3}, {"learning_rate": 0.05}, ["dropout"])
    assert lab.goal.conditions[0].at_least == 0.9
    client.cookies.set("language", "en")
    assert "The course check finds no mistake." in client.get(editor).text
