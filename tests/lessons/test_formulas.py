"""Every character of every formula comes from the formula font: another font's letters would stand out."""

import re
from html import unescape

import pytest
from fontTools.ttLib import TTFont

from app.core.config import ROOT
from app.markup.context import Context
from app.markup.lesson_markdown import render_short
from tests.lessons.texts import LANGUAGES, LESSONS, text

FONT = frozenset(TTFont(ROOT / "static" / "fonts" / "stix-two-math.woff2").getBestCmap())
# MathML draws an italic variable's letters as mathematical italics, h as the Planck constant.
ITALIC = {letter: 0x1D44E + index for index, letter in enumerate("abcdefghijklmnopqrstuvwxyz")} | {
    "h": 0x210E
}
ITALIC |= {letter: 0x1D434 + index for index, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
_VARIABLE = re.compile(r"<mi>(\w)</mi>")
# Chinese words in a formula use the text's font.
_CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


@pytest.mark.parametrize("slug", LESSONS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_character_of_every_formula_is_in_the_font(slug: str, language: str) -> None:
    html = render_short(text(slug, language), Context())
    found: set[int] = set()
    for formula in re.findall(r"<math.*?</math>", html, re.S):
        found |= {ITALIC[letter] for letter in _VARIABLE.findall(formula) if letter in ITALIC}
        words = unescape(re.sub(r"<[^>]*>", "", _VARIABLE.sub("", formula)))
        found |= {ord(character) for character in _CHINESE.sub("", words) if not character.isspace()}
    assert found, "the lesson has formulas"
    assert {chr(code) for code in found - FONT} == set()
