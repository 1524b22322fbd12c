import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.clock import now
from app.courses.models import Course, Lesson, LessonReading

pytestmark = pytest.mark.usefixtures("in_english")

MAP, TERMS = "/courses/tiny/map", "/courses/tiny/terms"


def roles_of(page: str) -> dict[str, str]:
    """What each lesson of the map is to the chosen one."""
    return {
        slug: role
        for role, slug in re.findall(
            r'<div class="map-row" data-state="\w*" data-role="(\w*)">.*?\?lesson=([\w-]+)', page, re.S
        )
    }


def test_the_map_shows_every_lesson_and_a_line_for_each_need(client: TestClient, course: Course) -> None:
    page = client.get(MAP).text
    assert roles_of(page) == {"00-start": "", "01-next": ""}
    assert len(re.findall(r'<path d="M72 ', page)) == 1
    assert "data-marked" not in page


def test_a_chosen_lesson_shows_the_way_to_it_and_where_to_begin(client: TestClient, course: Course) -> None:
    page = client.get(f"{MAP}?lesson=01-next").text
    assert roles_of(page) == {"00-start": "needed", "01-next": "chosen"}
    assert "It builds on 1 lesson." in page
    assert "Begin with lesson 01" in page
    assert page.count("data-marked") == 1
    assert "Nothing: you can begin with it." in client.get(f"{MAP}?lesson=00-start").text


def test_what_a_reader_has_read_is_coloured_on_the_map(
    client: TestClient, session: Session, course: Course, student: User
) -> None:
    lesson_id = session.scalar(select(Lesson.id).where(Lesson.slug == "01-next"))
    session.add(LessonReading(user_id=student.id, lesson_id=lesson_id, read_at=now()))
    session.commit()
    states = dict(
        re.findall(r'data-state="(\w*)" data-role="">.*?lesson=([\w-]+)"', client.get(MAP).text, re.S)
    )
    assert "01-next" in {*states.values()} and sorted(states) in (["", "done"], ["", "started"])


def test_a_map_of_a_lesson_of_no_such_name_is_not_found(client: TestClient, course: Course) -> None:
    assert client.get(f"{MAP}?lesson=99-none").status_code == 404
    assert client.get("/courses/none/map").status_code == 404
    assert client.get("/courses/none/terms").status_code == 404


def test_the_glossary_lists_each_term_in_both_languages_with_its_lesson(
    client: TestClient, course: Course
) -> None:
    page = client.get(TERMS).text
    assert 'href="/courses/tiny/lessons/00-start#term-digit"' in page
    assert re.search(r"digit</a>\s*<small lang=\"zh-Hans\">数字</small>", page)


@pytest.mark.parametrize("query", ["数字", "DIGIT", "0 到 9", " digit "])
def test_a_term_is_found_by_either_name_or_by_its_definition(
    client: TestClient, course: Course, query: str
) -> None:
    assert "#term-digit" in client.get(TERMS, params={"q": query}).text


def test_a_term_that_is_not_there_leads_to_the_search(client: TestClient, course: Course) -> None:
    page = client.get(TERMS, params={"q": "<b>纸飞机</b>"}).text
    assert "0 terms" in page and "<b>" not in page
    assert 'href="/search?q=%3Cb%3E' in page
