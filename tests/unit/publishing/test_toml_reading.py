"""TOML that would occupy a parser for long is rejected beforehand."""

import tomllib

import pytest

from app.publishing.toml_reading import MOST_PARTS, loads


@pytest.mark.parametrize(
    "text",
    [
        "a." * 200_000 + "a = 1",
        "x = 1\n[" + "a." * 50_000 + "a]",
        "[[" + '"a" . ' * 50_000 + "a]]",
        "x = {b = 1, " + "a . " * 50_000 + "a = 1}",
        "x = " + "[" * 50_000,
        "x = " + "{a = " * 50_000,
    ],
    ids=["key", "table", "array", "inline", "brackets", "braces"],
)
def test_what_is_too_deep_is_a_mistake_like_others(text: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError, match=r"parts|too deep"):
        loads(text)


def test_what_lessons_say_is_read_as_before() -> None:
    text = (
        'a.b."c d".e = 1\nf = """\n' + "One is one. Two is two. " * 100 + '\n1.2.3.4\n"""\n[g.h]\ni = 1.5\n'
    )
    assert loads(text) == tomllib.loads(text)
    assert loads("a." * (MOST_PARTS - 1) + "a = 1") == tomllib.loads("a." * (MOST_PARTS - 1) + "a = 1")


def test_the_line_of_a_long_key_is_named() -> None:
    with pytest.raises(tomllib.TOMLDecodeError, match="at line 3,"):
        loads("a = 1\n\n" + "b." * 100 + "b = 1")
    for blank in (" " * 300_000, '"' + "a" * 300_000, "-" * 300_000, "{" * 300_000):
        with pytest.raises(tomllib.TOMLDecodeError):
            loads(blank + ".=")
