"""The bundled heading fonts contain every character of the lessons' headings, and a lesson loads little of them."""

import re

import pytest
from fontTools.ttLib import TTFont

from app.core.config import ROOT
from script import fonts


@pytest.fixture(scope="module")
def slices() -> dict[str, set[str]]:
    """The characters for which the style sheet loads each file."""
    faces = re.findall(
        r"fonts/([\w.-]+)\"\).*?unicode-range: ([^;]+);", fonts.CSS.read_text(encoding="utf-8"), re.S
    )
    return {name: {chr(int(code[2:], 16)) for code in ranges.split(", ")} for name, ranges in faces}


def test_every_character_of_every_heading_is_in_a_slice_of_the_face(slices: dict[str, set[str]]) -> None:
    needed = set().union(*fonts.headings().values())
    assert len(needed) > 200 and needed - set().union(*slices.values()) == set(), "run script/fonts.py"
    for name, characters in slices.items():
        held = {chr(code) for code in TTFont(fonts.FONTS / name).getBestCmap()}
        assert characters <= held, name
    assert slices.keys() == {path.name for path in fonts.FONTS.glob(fonts.file_of("*"))}


def test_no_lesson_loads_more_than_55_kb_of_the_chinese_face(slices: dict[str, set[str]]) -> None:
    for lesson, own in fonts.headings().items():
        needed = {name for name, held in slices.items() if own & held}
        weight = sum((fonts.FONTS / name).stat().st_size for name in needed)
        assert weight <= 55_000, f"{lesson}: {weight} bytes of {sorted(needed)}: run script/fonts.py"


def test_each_face_is_small_and_free_to_be_passed_on() -> None:
    faces = {fonts.file_of(fonts.COMMON): 50_000, fonts.LATIN: 20_000, fonts.TEXT: 40_000}
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
