"""The bundled heading fonts contain every character of the lessons' headings, and stay small."""

from fontTools.ttLib import TTFont

from app.core.config import ROOT
from script import fonts


def test_every_character_of_every_heading_is_in_the_face() -> None:
    needed = fonts.headings()
    held = {chr(code) for code in TTFont(fonts.FONTS / fonts.CHINESE).getBestCmap()}
    assert len(needed) > 200 and needed - held == set(), "run script/fonts.py"


def test_each_face_is_small_and_free_to_be_passed_on() -> None:
    assert all((fonts.FONTS / name).stat().st_size <= 100_000 for name in (fonts.CHINESE, fonts.LATIN))
    license_text = (ROOT / "static" / "fonts" / "LICENSE-noto-serif.txt").read_text(encoding="utf-8")
    assert "SIL Open Font License, Version 1.1" in license_text
