"""Title, question, minutes and terms edited by forms; they are saved as text of lesson.toml."""

from fastapi.testclient import TestClient
from sqlalchemy import select

from app.courses.models import Lesson
from app.publishing.sources import parse_lesson
from tests.integration.authoring.texts import one, text_of, version_of


def about(lesson: Lesson, **fields: str) -> dict[str, str]:
    return {"version": str(version_of(lesson)), "title_zh": "开始", "minutes": "5"} | fields


def test_title_question_and_minutes_are_written_and_the_rest_stays(
    client: TestClient, editor: str, lesson: Lesson
) -> None:
    before = text_of(lesson, "lesson.toml")
    assert 'value="Where to start?"' in client.get(f"{editor}/about").text
    fields = about(lesson, title_en="Begin", question_zh="为什么？", minutes="12")
    assert client.post(f"{editor}/about", data=fields).status_code == 303
    after = text_of(lesson, "lesson.toml")
    source = parse_lesson(after)
    assert (source.title.en, source.minutes) == ("Begin", 12)
    assert source.question and (source.question.zh, source.question.en) == ("为什么？", "")
    assert after[after.index("[[labs]]") :] == before[before.index("[[labs]]") :]


def test_who_saves_on_an_older_draft_is_told(client: TestClient, editor: str, lesson: Lesson) -> None:
    old = about(lesson, title_en="Mine")
    assert client.post(f"{editor}/about", data=about(lesson, title_en="Theirs")).status_code == 303
    late = client.post(f"{editor}/about", data=old)
    assert late.status_code == 409 and 'value="Mine"' in late.text
    assert parse_lesson(text_of(lesson, "lesson.toml")).title.en == "Theirs"
    again = old | {"version": late.text.partition('name="version" value="')[2].partition('"')[0]}
    assert client.post(f"{editor}/about", data=again).status_code == 303
    assert parse_lesson(text_of(lesson, "lesson.toml")).title.en == "Mine"
    nothing = about(lesson, title_zh="", minutes="0")
    assert client.post(f"{editor}/about", data=nothing).status_code == 422


def test_a_term_is_added_changed_and_removed(client: TestClient, editor: str, lesson: Lesson) -> None:
    term = {"key": "kernel", "zh": "卷积核", "definition-zh": "一个小窗口。"}
    assert client.post(f"{editor}/terms", data=term).status_code == 303
    assert client.post(f"{editor}/terms", data=term).status_code == 422, "its key is taken"
    assert [each.key for each in parse_lesson(text_of(lesson, "lesson.toml")).terms] == ["digit", "kernel"]
    page = client.get(f"{editor}/terms/kernel").text
    was = page.partition('name="was" value="')[2].partition('"')[0]
    changed = {**term, "en": "kernel", "was": was}
    assert client.post(f"{editor}/terms/kernel", data=changed).status_code == 303
    assert parse_lesson(text_of(lesson, "lesson.toml")).terms[1].en == "kernel"
    assert client.post(f"{editor}/terms/kernel/removal").status_code == 303
    assert len(parse_lesson(text_of(lesson, "lesson.toml")).terms) == 1


def test_lessons_that_come_first_are_chosen_from_those_before_and_a_circle_is_refused(
    client: TestClient, editor: str, lesson: Lesson
) -> None:
    client.cookies.set("language", "en")
    second = one(select(Lesson).where(Lesson.slug == "01-next"))
    there = f"/authoring/lessons/{second.id}"
    assert 'name="need-' not in client.get(f"{editor}/about").text, "nothing stands before the first"
    assert 'name="need-00-start"' in client.get(f"{there}/about").text
    shown = {"has_needs": "on"}
    chosen = about(second, **shown, **{"need-00-start": "on"})
    assert client.post(f"{there}/about", data=chosen).status_code == 303
    assert parse_lesson(text_of(second, "lesson.toml")).needs == ["00-start"]
    refused = client.post(f"{editor}/about", data=about(lesson, **shown, **{"need-01-next": "on"}))
    assert refused.status_code == 422
    assert (
        "itself needs this lesson" in refused.text
        and 'name="need-01-next" value="on" checked' in refused.text
    )
    for stranger in ("need-00-start", "need-nobody"):
        answer = client.post(f"{editor}/about", data=about(lesson, **shown, **{stranger: "on"}))
        assert answer.status_code == 422, stranger
    assert client.post(f"{there}/about", data=about(second)).status_code == 303
    assert parse_lesson(text_of(second, "lesson.toml")).needs == ["00-start"], "no list was shown"
    assert client.post(f"{there}/about", data=about(second, **shown)).status_code == 303
    assert parse_lesson(text_of(second, "lesson.toml")).needs == []


def test_interactive_figures_are_ticked_and_an_unknown_one_is_refused(
    client: TestClient, editor: str, lesson: Lesson
) -> None:
    shown = {"has_figures": "on"}
    assert 'name="figure-conv-kernel"' in client.get(f"{editor}/about").text
    for ticked in (["conv-kernel", "tangent"], ["tangent"], []):
        fields = about(lesson, **shown, **{f"figure-{name}": "on" for name in ticked})
        assert client.post(f"{editor}/about", data=fields).status_code == 303
        assert parse_lesson(text_of(lesson, "lesson.toml")).figures == ticked
    refused = client.post(f"{editor}/about", data=about(lesson, **shown, **{"figure-../x": "on"}))
    assert refused.status_code == 422 and 'name="figure-../x" value="on" checked' in refused.text
