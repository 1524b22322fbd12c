"""A lesson may be written in one language; its placeholders never reach readers."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.authoring.outline.descriptions import undescribed
from app.columns.column_import import column_course, read_column, save_column
from app.core.db import session_scope
from app.courses.models import Course, Lesson
from tests.factories import make_user
from tests.integration.authoring.texts import LESSON, one, png, put, text_of, version_of
from tests.integration.conftest import enter

ONLY_CHINESE = "This lesson exists in Chinese only."


def publish_in_chinese_only(client: TestClient, editor: str, lesson: Lesson) -> None:
    toml = text_of(lesson, "lesson.toml").replace(', en = "Start" }', " }")
    answer = put(client, editor, version_of(lesson), en_md="", lesson_toml=toml)
    assert answer.status_code == 200, answer.text
    assert client.post(f"{editor}/publication").status_code == 303


def test_a_reader_of_the_other_language_is_shown_the_text_that_there_is_and_told_so(
    client: TestClient, editor: str, lesson: Lesson
) -> None:
    publish_in_chinese_only(client, editor, lesson)
    client.cookies.set("language", "en")
    page = client.get(LESSON).text
    assert ONLY_CHINESE in page and '<div class="prose" lang="zh-Hans">' in page
    assert '<h1 lang="zh-Hans">开始</h1>' in page and '<section class="lab" lang="en"' in page
    assert 'name="language" value="zh"' in page, "a note is kept with the text that it stands on"
    listed = client.get("/courses/tiny").text
    assert '<span lang="zh-Hans">开始</span>' in listed
    assert client.get("/search?q=开始").text.count("search-result")
    client.cookies.set("language", "zh")
    page = client.get(LESSON).text
    assert "only-language" not in page and '<div class="prose">' in page


def test_a_new_lesson_and_a_course_need_their_title_in_one_language(
    client: TestClient, editor: str, course: Course
) -> None:
    module = one(select(Lesson.module_id).where(Lesson.course_id == course.id))
    form = {"slug": "07-only", "title_zh": "只有中文"}
    made = client.post(f"/authoring/modules/{module}/lessons", data=form)
    assert made.status_code == 303
    lesson = one(select(Lesson).where(Lesson.slug == "07-only"))
    assert text_of(lesson, "en.md") == "" and "question" not in text_of(lesson, "lesson.toml")
    assert put(client, made.headers["location"], 1, zh_md="## 一\n\n字。\n").status_code == 200
    assert client.post(f"{made.headers['location']}/publication").status_code == 303
    nothing = client.post(f"/authoring/courses/{course.id}/titles", data={"summary_zh": "一句话"})
    assert nothing.status_code == 422


def test_an_imported_lesson_is_published_before_its_pictures_are_described(
    client: TestClient, editor: str
) -> None:
    name = "04 | 图.md"
    html = '<p>看图。</p>\n<p><img src="https://img.example.com/1.png" alt="Drawing 1.png"></p>\n---\n'
    with session_scope() as session:
        save_column(session, column_course(session), name, read_column(name, html.encode()))
    lesson = one(select(Lesson).join(Lesson.course).where(Course.slug == "column"))
    address = f"/authoring/lessons/{lesson.id}"
    assert "https://img.example.com/1.png" in client.get("/authoring/descriptions").text
    assert client.post(f"{address}/publication").status_code == 303
    client.cookies.set("language", "en")
    page = client.get(f"/courses/column/lessons/{lesson.slug}").text
    assert ONLY_CHINESE in page and "Drawing 1" not in page and "Which question" not in page

    form = {"file": "zh.md", "number": "0", "source": "https://img.example.com/1.png"}
    for words in ("", "Drawing 1.png", "what it shows"):
        refused = client.post(f"{address}/descriptions", data=form | {"words": words})
        assert refused.status_code == 422
    kept = client.post(f"{address}/descriptions", data=form | {"words": "一条直线 [穿过] 点"})
    assert kept.status_code == 303
    assert r"![一条直线 \[穿过\] 点](https://img.example.com/1.png)" in text_of(lesson, "zh.md")
    again = client.post(f"{address}/descriptions", data=form | {"words": "又一条"})
    assert again.status_code == 409, "the picture has its words by now"
    assert "https://img.example.com/1.png" not in client.get("/authoring/descriptions").text


def test_a_description_is_published_where_it_is_written_and_takes_nothing_unfinished_along(
    client: TestClient, editor: str, lesson: Lesson
) -> None:
    client.cookies.set("language", "en")
    pictures = "\n![](https://img.example.com/1.png)\n\n![](https://img.example.com/2.png)\n"
    put(client, editor, version_of(lesson), en_md=text_of(lesson) + pictures)
    assert client.post(f"{editor}/publication").status_code == 303
    address = f"/authoring/lessons/{lesson.id}/descriptions"
    first = {"file": "en.md", "number": "0", "source": "https://img.example.com/1.png", "act": "publish"}
    assert client.post(address, data=first | {"words": "A line through points"}).status_code == 303
    assert "A line through points" in client.get(LESSON).text
    assert client.post(f"{editor}/publication").status_code == 409, "nothing waits to be published"

    put(client, editor, version_of(lesson), en_md=text_of(lesson) + "\nHalf a sen\n")
    assert "other changes that readers do not see yet" in client.get("/authoring/descriptions").text
    second = first | {"source": "https://img.example.com/2.png", "words": "A plane through points"}
    assert client.post(address, data=second).status_code == 303
    assert "A plane through points" in text_of(lesson)
    shown = client.get(LESSON).text
    assert "A plane through points" not in shown and "Half a sen" not in shown


def test_a_picture_without_words_says_so_to_who_cannot_see_it(
    client: TestClient, editor: str, lesson: Lesson
) -> None:
    uploaded = client.post(
        f"{editor}/pictures", files={"picture": ("a.png", png())}, headers={"Accept": "application/json"}
    )
    name = uploaded.json()["name"]
    put(client, editor, version_of(lesson), en_md=text_of(lesson) + f"\n![]({name})\n")
    assert client.post(f"{editor}/publication").status_code == 303
    client.cookies.set("language", "en")
    assert 'alt="A picture without a description yet"' in client.get(LESSON).text


def test_only_staff_see_and_fill_the_list(client: TestClient, session: Session, lesson: Lesson) -> None:
    form = {"file": "zh.md", "number": "0", "source": "a", "words": "words"}
    enter(client, session, make_user(session))
    assert client.get("/authoring/descriptions").status_code == 403
    assert client.post(f"/authoring/lessons/{lesson.id}/descriptions", data=form).status_code == 403


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("![](a.png)", ["a.png"]),
        ('## One {#one}\n\n![words](a.png)\n\n![ ](b.png "A caption")', ["b.png"]),
        ("```\n![](a.png)\n```\n![](b.png)", ["b.png"]),
        ("````\n```\n![](a.png)\n````\n![image](b.png)", ["b.png"]),
        ("`![](a.png)` ![](<https://example.com/b.png>)", ["https://example.com/b.png"]),
        ("```\n![](a.png)", []),
    ],
)
def test_pictures_without_words_are_found_outside_of_code(text: str, sources: list[str]) -> None:
    found = list(undescribed(text))
    assert [picture.source for picture in found] == sources
    assert [text[picture.start - 2 : picture.start] for picture in found] == ["!["] * len(found)
