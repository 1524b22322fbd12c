"""Questions and labs, written by forms."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.authoring import drafts
from app.authoring.parts import service as parts
from app.authoring.parts.forms import read_part
from app.courses.models import Lesson
from app.publishing.sources import parse_lesson, parse_quiz
from tests.integration.authoring.texts import text_of, version_of
from tests.integration.conftest import ON_SQLITE

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
    answer = client.post(
        f"{editor}/questions", data={**SINGLE, "options-0-correct": "", "prompt-zh": "", "prompt-en": ""}
    )
    assert answer.status_code == 422
    assert '<p class="field-error">题目' in answer.text and ">\n乙</textarea>" in answer.text
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
    removed = client.post(f"{editor}/questions/why-relu/removal", follow_redirects=True)
    assert parse_quiz(text_of(lesson, "quiz.toml")).questions == []
    assert "<code>why-relu</code>" in removed.text
    assert client.post(f"{editor}/restoration/undoing").status_code == 303
    assert parse_quiz(text_of(lesson, "quiz.toml")).questions[0].prompt.en == "Why indeed?"


@ON_SQLITE
@pytest.mark.parametrize("kind", ["single", "multiple", "number", "order", "code"])
def test_every_kind_of_question_has_a_form(client: TestClient, editor: str, kind: str) -> None:
    assert client.get(f"{editor}/new-question?kind={kind}").status_code == 200
    assert client.post(f"{editor}/questions", data={"kind": kind}).status_code == 422


def test_a_lab_goes_through_its_form_unchanged(
    client: TestClient, editor: str, lesson: Lesson, session: Session, lecturer: User
) -> None:
    before = parse_lesson(text_of(lesson, "lesson.toml"))
    part = parts.find(session, lesson.id, "lab", "digits")
    parts.save(session, lecturer, lesson.id, "lab", "digits", read_part("lab", part.fields), was=part.was)
    session.commit()
    assert parse_lesson(text_of(lesson, "lesson.toml")) == before


def test_all_that_a_lab_says_has_a_field_in_its_form(
    client: TestClient, editor: str, lesson: Lesson, session: Session, lecturer: User
) -> None:
    guess = """[labs.guess]
question = { zh = "快还是慢？", en = "Fast or slow?" }
kind = "choice"
options = [{ value = "fast", label = { zh = "快", en = "Fast" } }, { value = "slow", label = { zh = "慢", en = "Slow" } }]
answer = "slow"
when = { epochs = 2 }

[labs.goal]"""
    text = text_of(lesson, "lesson.toml")
    untold = 'solution = { epochs = 9 }\nfails_as = "stuck"\nalso_measured = [{ epochs = 8 }]\n'
    changed = text[: text.index("[labs.guess]")] + untold + guess + text[text.index("[labs.goal]") + 11 :]
    drafts.save_texts(session, lecturer, lesson.id, version_of(lesson), {"lesson.toml": changed})
    session.commit()
    part = parts.find(session, lesson.id, "lab", "digits")
    session.rollback()  # On SQLite nobody else writes while it is open.
    page = client.get(f"{editor}/labs/digits").text
    assert [name for name in part.fields if f'name="{name}"' not in page] == ["key"]
    wrong = {
        "guess-when": "epoch = 3",
        "also_measured": "epochs = 2\nepochs = many",
        "ranges-0-when": "epochs",
    }
    refused = client.post(f"{editor}/labs/digits", data={**part.fields, "was": part.was, **wrong})
    assert refused.status_code == 422
    for name in wrong:
        assert f'id="part-{name}-error"' in refused.text, name
    typed = {
        "guess-when": "epochs = 3，learning_rate = 0.5",
        "also_measured": "epochs = 7\r\nepochs = 6",
        "title-en": "Digits",
    }
    saved = client.post(f"{editor}/labs/digits", data={**part.fields, "was": part.was, **typed})
    assert saved.status_code == 303
    lab = parse_lesson(text_of(lesson, "lesson.toml")).labs[0]
    assert lab.title.en == "Digits" and lab.guess
    assert (lab.guess.answer, lab.guess.when) == ("slow", {"epochs": 3, "learning_rate": 0.5})
    assert lab.ranges[0].text.en == "Two epochs: 0.92"
    assert (lab.solution, lab.fails_as) == ({"epochs": 9}, "stuck")
    assert lab.also_measured == [{"epochs": 7}, {"epochs": 6}]


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
