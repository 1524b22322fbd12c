"""The bundled heading fonts contain every character of the lessons' headings, and a lesson loads little of them."""

from fontTools.ttLib import TTFont

from app.core.config import ROOT
from script import fonts


def _held(name: str) -> set[str]:
    return {chr(code) for code in TTFont(fonts.FONTS / name).getBestCmap()}


def test_every_character_of_every_heading_is_in_a_slice_of_the_face_and_the_style_sheet_says_in_which() -> (
    None
):
    parts = fonts.slices()
    assert len(set().union(*fonts.headings().values())) > 200
    for name, own in parts.items():
        assert set(own) <= _held(fonts.file_of(name)), f"{name}: run script/fonts.py"
    assert fonts.CSS.read_text(encoding="utf-8") == fonts.css_of(parts), "run script/fonts.py"
    assert {path.name for path in fonts.FONTS.glob(fonts.file_of("*"))} == set(map(fonts.file_of, parts))


def test_no_lesson_loads_more_than_55_kb_of_the_chinese_face() -> None:
    parts = fonts.slices()
    shown = fonts.headings()
    for lesson, own in shown.items():
        needed = {name for name, held in parts.items() if own & set(held)} | {fonts.COMMON}
        assert fonts.OTHERS not in needed, lesson
        weight = sum((fonts.FONTS / fonts.file_of(name)).stat().st_size for name in needed)
        assert weight <= 55_000, f"{lesson}: {weight} bytes of {sorted(needed)}"


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
