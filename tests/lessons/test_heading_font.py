"""The bundled heading fonts contain every character of the lessons' headings, and a lesson loads little of them."""

import re

import pytest
from fontTools.ttLib import TTFont

from app.core.config import ROOT
from script import fonts


@pytest.fixture(scope="module")
def ranges() -> dict[str, set[str]]:
    """The characters for which every page loads a file."""
    faces = re.findall(
        r"fonts/([\w.-]+)\"\)[^}]*?unicode-range: ([^;]+);", fonts.CSS.read_text(encoding="utf-8")
    )
    return {name: {chr(int(code[2:], 16)) for code in ranges.split(", ")} for name, ranges in faces}


def held(name: str) -> set[str]:
    return {chr(code) for code in TTFont(fonts.FONTS / name).getBestCmap()}


def test_every_character_of_every_heading_is_in_the_face_of_all_pages(ranges: dict[str, set[str]]) -> None:
    needed = set().union(*fonts.headings().values())
    assert len(needed) > 200 and needed - set().union(*ranges.values()) == set(), "run script/fonts.py"
    assert all(characters <= held(name) for name, characters in ranges.items())
    assert ranges.keys() == {fonts.file_of(fonts.COMMON), fonts.file_of(fonts.OTHERS)}


def test_a_lesson_has_what_it_needs_in_the_common_slice_and_one_of_its_own(
    ranges: dict[str, set[str]],
) -> None:
    css, common = fonts.CSS.read_text(encoding="utf-8"), fonts.file_of(fonts.COMMON)
    for lesson, needed in fonts.headings().items():
        own = fonts.file_of(lesson)
        assert f':root[data-lesson="{lesson}"] {{ --font-lesson: "Sophora {lesson}"; }}' in css
        assert needed <= ranges[common] | held(own), f"{lesson}: run script/fonts.py"
        weight = sum((fonts.FONTS / name).stat().st_size for name in (common, own))
        assert weight <= 45_000, f"{lesson}: {weight} bytes: run script/fonts.py"


def test_each_face_is_small_and_free_to_be_passed_on() -> None:
    faces = {
        fonts.file_of(fonts.COMMON): 35_000,
        fonts.file_of(fonts.OTHERS): 100_000,
        fonts.LATIN: 20_000,
        fonts.TEXT: 40_000,
    }
    assert all((fonts.FONTS / name).stat().st_size <= most for name, most in faces.items())
    for name in ("LICENSE-noto-serif.txt", fonts.TEXT_LICENSE):
        license_text = (ROOT / "static" / "fonts" / name).read_text(encoding="utf-8")
        assert "SIL Open Font License, Version 1.1" in license_text


def test_the_text_face_holds_what_english_lessons_are_written_in_from_regular_to_bold() -> None:
    face = TTFont(fonts.FONTS / fonts.TEXT)
    assert set(map(chr, range(0x20, 0x7F))) | set("×·–—‘’“”…é") <= {chr(code) for code in face.getBestCmap()}
    assert [(axis.axisTag, axis.minValue, axis.maxValue) for axis in face["fvar"].axes] == [
        ("wght", 400, 700)
    ]
