"""The measurable rules for lessons (in words in CONTRIBUTING.md and docs/lessons.md)."""

import re
from typing import Any

import pytest

from app.authoring.outline.descriptions import undescribed
from app.publishing.prepare import bilingual_texts
from app.publishing.sources import parse_course
from tests.lessons.texts import (
    COURSE,
    LANGUAGES,
    LESSONS,
    blocks,
    chinese_characters,
    displayed_formulas,
    drawings,
    lesson,
    placed,
    quiz,
    terms,
    text,
    without_code,
)

# Backpropagation is about formulas.
FORMULAS = {"07-backprop": 5}

every_lesson = pytest.mark.parametrize("slug", LESSONS)
both_languages = pytest.mark.parametrize("language", LANGUAGES)


@every_lesson
def test_a_lesson_has_3000_to_4500_chinese_characters(slug):
    assert 3000 <= chinese_characters(text(slug, "zh")) <= 4500


@every_lesson
@both_languages
def test_a_lesson_has_three_to_five_sections(slug, language):
    assert 3 <= len(re.findall(r"^## ", without_code(text(slug, language)), re.MULTILINE)) <= 5


@every_lesson
@both_languages
def test_a_lesson_has_three_drawings_and_an_interactive_figure(slug, language):
    source = text(slug, language)
    assert len(drawings(source)) >= 3
    assert placed(source, "figure")


@every_lesson
@both_languages
def test_formulas_are_few_and_none_stands_in_the_first_third(slug, language):
    source = text(slug, language)
    formulas = displayed_formulas(source)
    assert len(formulas) <= FORMULAS.get(slug, 3)
    assert min(formulas, default=1) > 1 / 3


@every_lesson
@both_languages
def test_code_is_at_most_25_lines_long(slug, language):
    for block in blocks(text(slug, language), "python"):
        assert len(block.text.splitlines()) <= 25, f"{slug}/{language}.md, line {block.line}"


@every_lesson
def test_five_to_ten_terms_are_defined_and_each_is_marked_in_both_languages(slug):
    defined = {term.key for term in lesson(slug).terms}
    assert 5 <= len(defined) <= 10
    for language in LANGUAGES:
        assert set(terms(text(slug, language))) == defined


@every_lesson
def test_both_languages_have_the_same_structure(slug):
    def skeleton(language):
        source = without_code(text(slug, language))
        marks = re.findall(r"^(?:#{2,4} .*|::: .*|!\[[^\]]+\]\(\S+|\$\$)", source, re.MULTILINE)
        return [shape(mark) for mark in marks]

    def shape(mark):
        if mark.startswith("#"):
            return mark.split(" ")[0], re.findall(r"\{#([a-z0-9-]+)\}", mark)
        if mark.startswith("!"):
            return re.sub(r"\.(zh|en)\.", ".", mark.rpartition("(")[2])
        words = mark.split()
        return words[:2] if words[1:2] and words[1] in {"tip", "warning", "maths", "details"} else words

    assert skeleton("zh") == skeleton("en")


@every_lesson
def test_a_lesson_has_a_lab_with_a_guess_and_measured_figures(slug):
    labs = lesson(slug).labs
    assert labs
    assert all(lab.guess and lab.measured for lab in labs)


def test_every_lesson_but_the_opening_sets_its_labs_a_goal():
    without_goal = {slug for slug in LESSONS for lab in lesson(slug).labs if not lab.goal}
    assert without_goal <= {"00-opening"}


@every_lesson
@both_languages
def test_every_lab_is_placed_once(slug, language):
    assert sorted(placed(text(slug, language), "lab")) == sorted(lab.key for lab in lesson(slug).labs)


@every_lesson
def test_a_quiz_has_four_to_six_questions_of_at_least_three_kinds(slug):
    questions = quiz(slug).questions
    assert 4 <= len(questions) <= 6
    assert len({question.kind for question in questions}) >= 3


@every_lesson
@both_languages
def test_a_lesson_ends_with_a_recap_of_three_lines_and_a_question_for_the_board(slug, language):
    source = text(slug, language)
    recap = source.partition("{#recap}")[2].partition("\n### ")[0]
    assert re.findall(r"^(\d)\. ", recap, re.MULTILINE) == ["1", "2", "3"]
    assert len(source.partition("{#board}")[2].strip()) > 20


def test_every_text_of_the_course_is_there_in_both_languages_and_every_picture_is_described():
    sources: list[Any] = [parse_course((COURSE / "course.toml").read_text(encoding="utf-8"))]
    sources += [part for slug in LESSONS for part in (lesson(slug), quiz(slug))]
    assert not [
        (source, place)
        for source in sources
        for place, texts in bilingual_texts(source)
        if not (texts.zh and texts.en)
    ]
    assert not [(slug, each) for slug in LESSONS for each in LANGUAGES if list(undescribed(text(slug, each)))]
