"""New lessons, their order, their titles; who has one open."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.core.db import session_scope
from app.courses.models import Course, Lesson, Module
from app.journal.models import Act
from app.publishing.loader import load_course
from tests.factories import TINY_COURSE, make_user
from tests.integration.authoring.texts import LESSON, add_sentence, one, put
from tests.integration.conftest import enter


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


@pytest.mark.parametrize("slug", ["Last", "02 last", "02-Last", "../02-x", "00-start"])
def test_a_lessons_short_name_is_small_letters_and_digits_and_its_own(
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


def test_titles_are_changed_in_both_languages_or_in_one(
    client: TestClient, lecturer: User, course: Course
) -> None:
    form = {
        "title_zh": "新课",
        "title_en": "A renamed course",
        "summary_zh": "一句。",
        "summary_en": "A sentence.",
    }
    assert client.post(f"/authoring/courses/{course.id}/titles", data=form).status_code == 303
    client.cookies.set("language", "en")
    assert "A renamed course" in client.get("/courses/tiny").text
    english = {**form, "title_zh": ""}
    assert client.post(f"/authoring/courses/{course.id}/titles", data=english).status_code == 303
    answer = client.post(f"/authoring/courses/{course.id}/titles", data={**english, "title_en": ""})
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
