"""Normalising typed text: phones and Chinese keyboards produce other characters where a program expects ASCII."""

import math
import re
import unicodedata

# Beyond NFKC, which normalises full-width letters, digits, brackets and commas.
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("“”„‟″「」『』«»〝〞〟", '"'),
        **dict.fromkeys("‐‑‒–—―−﹣－➖", "-"),
        **dict.fromkeys("×✕✖⨯∗＊", "*"),
        **dict.fromkeys("÷⁄∕", "/"),
        **dict.fromkeys("【〔", "["),
        **dict.fromkeys("】〕", "]"),
        "≤": "<=",
        "≥": ">=",
        "≠": "!=",
        "、": ",",
        "。": ".",
        # Invisible, and never typed on purpose: they come along with copied text.
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f", ""),
    }
)
# NFKC would turn 10³ into 103.
_SUPERSCRIPT = re.compile(r"(?<=[\w)\]])[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_POWER_OF_TEN = re.compile(r"^(?:([+-]?[\d.,]+)(?:\*|[xX](?=10)))?10(?:\*\*|\^)\(?([+-]?\d{1,3})\)?$")
_THOUSANDS = re.compile(r"^[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$")
_DECIMAL_COMMA = re.compile(r"^([+-]?\d*),(\d+)$")


def plain_typing(text: str) -> str:
    """`text` with the quotes, symbols, digits and brackets of a plain keyboard: “same” -> "same", ０．９１ -> 0.91, 28×28 -> 28*28."""
    # Before NFKC, which turns ´ and ″ into two characters each.
    text = _SUPERSCRIPT.sub(lambda match: f"**{match[0]}", text)
    return unicodedata.normalize("NFKC", text.translate(_PLAIN)).translate(_PLAIN)


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
        return text.replace(",", "")
    return _DECIMAL_COMMA.sub(r"\1.\2", text)


def numbers_meant(text: str) -> tuple[float, ...]:
    """The numbers a reader may mean: none if it is not a number; for 25% both 25 and 0.25, as a prompt may ask for either."""
    text = without_space(plain_typing(text))
    is_percent = text.endswith("%")
    numerator, slash, denominator = text.rstrip("%").partition("/")
    try:
        number = float(plain_number(numerator))
        number = number / float(plain_number(denominator)) if slash else number
    except (ValueError, ZeroDivisionError, OverflowError):
        return ()
    if not math.isfinite(number):
        return ()
    return (number, number / 100) if is_percent else (number,)
