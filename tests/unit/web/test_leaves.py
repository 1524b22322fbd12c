"""The leaf beside a name."""

import re
from uuid import UUID

import pytest

from app.core.config import ROOT, get_settings
from app.web.leaves import TINTS, leaf_of
from app.web.templating import environment

PEOPLE = [UUID(int=number) for number in range(200)]
TOKENS = (ROOT / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
PAPERS = ("paper", "paper-raised", "paper-sunken", "leaf-wash", "blossom-wash")
SHADE = 0.8  # .person-shade


def test_people_have_leaves_of_their_own_which_stay() -> None:
    leaves = [leaf_of(person) for person in PEOPLE]
    assert leaves == [leaf_of.__wrapped__(person) for person in PEOPLE]
    assert len(set(leaves)) > 0.9 * len(PEOPLE)
    assert {leaf.tint for leaf in leaves} == set(range(1, TINTS + 1))


def test_who_knows_an_id_but_not_the_secret_cannot_tell_its_leaf(monkeypatch: pytest.MonkeyPatch) -> None:
    before = [leaf_of(person) for person in PEOPLE]
    monkeypatch.setattr(get_settings(), "secret_key", "of another installation, as long as it has to be")
    assert sum(leaf == leaf_of.__wrapped__(person) for leaf, person in zip(before, PEOPLE, strict=True)) < 5


def test_a_leaf_says_nothing_and_who_has_gone_has_an_outline() -> None:
    template = environment().from_string(
        '{% from "accounts/_person.html" import person_leaf %}{{ person_leaf(id) }}'
    )
    person = PEOPLE[7]
    drawn = template.render(id=person)
    assert 'aria-hidden="true"' in drawn
    assert str(person) not in drawn
    assert person.hex not in drawn
    assert "data-tint" in drawn
    assert "data-tint" not in template.render(id=None)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("tint", range(1, TINTS + 1))
def test_a_leaf_is_seen_on_every_paper(tint: int, theme: int) -> None:
    colour = _token(f"person-{tint}", theme)
    for name in PAPERS:
        paper = _token(name, theme)
        shaded = tuple(SHADE * own + (1 - SHADE) * under for own, under in zip(colour, paper, strict=True))
        assert _contrast(shaded, paper) >= 3, name


def _token(name: str, theme: int) -> tuple[float, ...]:
    match = re.search(rf"--{name}: light-dark\(#(\w{{6}}), #(\w{{6}})\)", TOKENS)
    assert match, name
    return tuple(bytes.fromhex(match[theme + 1]))


def _contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """WCAG 2.2, of two colours in sRGB."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(colour: tuple[float, ...]) -> float:
    linear = [
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        for share in (value / 255 for value in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
