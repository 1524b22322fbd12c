"""Names as they are written around the world: what is one character to its reader stays one."""

import pytest

from app.accounts.lookalikes import sameness
from app.accounts.names import masked
from app.accounts.spelling import composed, is_plainly_written

PLAIN = {
    "a face of several": ("小\U0001f469\u200d\U0001f52c", "*\U0001f469\u200d\U0001f52c"),
    "a family": ("\U0001f468\u200d\U0001f469\u200d\U0001f467家", "*家"),
    "a skin": ("王\U0001f44d\U0001f3fd", "*\U0001f44d\U0001f3fd"),
    "a flag": ("小明\U0001f1e8\U0001f1f3", "*\U0001f1e8\U0001f1f3"),
    "a key": ("小一1\ufe0f\u20e3", "*1\ufe0f\u20e3"),
    "a heart": ("爱\u2764\ufe0f", "*\u2764\ufe0f"),
    "Sinhala": ("සත්\u200dයා", "*ත්\u200dයා"),
    "Malayalam of old": ("അവന്\u200d", "*ന്\u200d"),
    "Devanagari": ("मित्र", "*त्र"),
    "Persian": ("می\u200cخواهم", "*م"),
    "Burmese": ("မကျော်", "*ကျော်"),
    "Vietnamese, in pieces": ("Nguye\u0302\u0303n Hue\u0302\u0301", "*\u1ebf"),
}


@pytest.mark.parametrize(("name", "shown"), PLAIN.values(), ids=PLAIN)
def test_a_name_of_any_script_is_taken_and_its_last_character_is_whole(name: str, shown: str) -> None:
    assert is_plainly_written(composed(name))
    assert masked(composed(name)) == shown


def test_a_sign_in_colour_and_the_same_without_are_one_name() -> None:
    assert sameness("\u2764\ufe0f\u2600\ufe0f") == sameness("\u2764\u2600")


def test_a_joiner_makes_no_second_name() -> None:
    assert sameness("می\u200cخواهم") == sameness("میخواهم")
