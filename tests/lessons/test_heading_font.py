"""The bundled heading fonts contain every character of the lessons' headings, and stay small."""

from fontTools.ttLib import TTFont

from app.core.config import ROOT
from script import fonts


def test_every_character_of_every_heading_is_in_the_face() -> None:
    needed = fonts.headings()
    held = {chr(code) for code in TTFont(fonts.FONTS / fonts.CHINESE).getBestCmap()}
    assert len(needed) > 200 and needed - held == set(), "run script/fonts.py"


def test_each_face_is_small_and_free_to_be_passed_on() -> None:
    faces = {fonts.CHINESE: 100_000, fonts.LATIN: 20_000, fonts.TEXT: 40_000}
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
