"""Normalising typed text: phones and Chinese keyboards produce other characters where a program expects ASCII."""

import math
import re
import unicodedata

import regex

# Beyond NFKC, which normalises full-width letters, digits, brackets and commas.
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´ʹʻʼ❛❜", "'"),
        **dict.fromkeys("“”„‟″ʺ❝❞「」『』«»〝〞〟", '"'),
        **dict.fromkeys("‐‑‒–—―−﹣－➖˗─━", "-"),
        **dict.fromkeys("×✕✖⨯∗＊✱⋅∙", "*"),
        **dict.fromkeys("÷⁄∕➗", "/"),
        **dict.fromkeys("【〔", "["),
        **dict.fromkeys("】〕", "]"),
        **dict.fromkeys("≤⩽≦", "<="),
        **dict.fromkeys("≥⩾≧", ">="),
        "➕": "+",
        "→": "->",
        "ˆ": "^",
        "٫": ".",
        "٬": ",",
        "≠": "!=",
        "、": ",",
        "。": ".",
    }
)
# Format characters: not to be seen, and in no text on purpose, they come along where something is copied.
_UNSEEN = regex.compile(r"\p{Cf}")
# NFKC would make 103 of 10³, and eleven halves of 1½.
_SUPERSCRIPT = re.compile(r"(?<=[\w)\]])[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_MIXED = re.compile(r"^([+-]?)(\d+)([¼-¾⅐-⅞])$")
_POWER_OF_TEN = re.compile(r"^(?:([+-]?[\d.,]+)(?:\*|[xX·•](?=10)))?10(?:\*\*|\^)\(?([+-]?\d{1,3})\)?$")
_THOUSANDS = re.compile(r"^[+-]?[1-9]\d{0,2}(?:(?:,\d{3})+|(?:'\d{3})+)(?:\.\d*)?$")
# What says no more than that a number follows, and the full stop behind it.
_AROUND = re.compile(r"^[=≈≃≅~]|(?<=\d)\.$")
_DECIMAL_COMMA = re.compile(r"^([+-]?\d*),(\d+)$")


def plain_typing(text: str) -> str:
    """`text` with the quotes, symbols, digits and brackets of a plain keyboard: “same” -> "same", ０．９１ -> 0.91, 28×28 -> 28*28."""
    # Before NFKC, which turns ´ and ″ into two characters each.
    text = _SUPERSCRIPT.sub(lambda match: f"**{match[0]}", text)
    return unicodedata.normalize("NFKC", _UNSEEN.sub("", text).translate(_PLAIN)).translate(_PLAIN)


def without_space(text: str) -> str:
    return "".join(text.split())


def plain_number(text: str) -> str:
    """`text` without spaces and thousands separators, with a decimal point: what `float` parses, if it is a number at all.

    1 × 10⁻³ and 10^-3 are 1e-3.
    """
    text = without_space(plain_typing(text))
    if power := _POWER_OF_TEN.match(text):
        return f"{plain_number(power[1]) if power[1] else 1}e{power[2]}"
    if _THOUSANDS.match(text):
        return text.replace(",", "").replace("'", "")
    return _DECIMAL_COMMA.sub(r"\1.\2", text)


def numbers_meant(text: str) -> tuple[float, ...]:
    """The numbers a reader may mean: none if it is not a number; for 25% both 25 and 0.25, as a prompt may ask for either."""
    if mixed := _MIXED.match(without_space(text.translate(_PLAIN))):
        number = int(mixed[2]) + unicodedata.numeric(mixed[3])
        return (-number if mixed[1] == "-" else number,)
    text = _AROUND.sub("", without_space(plain_typing(text)))
    share = {"%": 100, "‰": 1000}.get(text[-1:], 0)
    numerator, slash, denominator = text.rstrip("%‰").partition("/")
    try:
        number = float(plain_number(numerator))
        number = number / float(plain_number(denominator)) if slash else number
    except (ValueError, ZeroDivisionError, OverflowError):
        return ()
    if not math.isfinite(number):
        return ()
    return (number, number / share) if share else (number,)
