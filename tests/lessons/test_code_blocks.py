"""Every Python block of every lesson runs on the pinned TensorFlow, alone, and prints what the lesson says it prints."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.forks import Runner, run_blocks, started_runner
from tests.lessons.texts import LANGUAGES, LESSONS, Block, blocks, text


def blocks_of(slug: str) -> dict[str, Block]:
    """The blocks by name ("zh.md, line 12"); a block that the English text only repeats counts once."""
    found: dict[str, Block] = {}
    seen = set()
    for language in LANGUAGES:
        for block in blocks(text(slug, language), "python"):
            meaning = ast.dump(ast.parse(block.text))
            if meaning not in seen:
                seen.add(meaning)
                found[f"{slug}/{language}.md, line {block.line}"] = block
    return found


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with started_runner() as runner:
        yield runner


@pytest.mark.parametrize("slug", [slug for slug in LESSONS if blocks_of(slug)])
def test_the_python_of_a_lesson_runs_and_prints_what_the_lesson_says(slug, runner, tmp_path):
    wanted = blocks_of(slug)
    results = run_blocks(runner, {name: block.text for name, block in wanted.items()}, tmp_path)
    faults = [f"{name}\n{result['error']}" for name, result in results.items() if result["error"]]
    assert not faults, "\n\n".join(faults)
    for name, block in wanted.items():
        printed = squeezed(results[name]["printed"])
        if block.printed:
            assert printed == squeezed(block.printed), name
        for promise in promises(block.text):
            assert promise in printed, f"{name} says {promise!r} and prints {printed!r}"


def test_most_lessons_have_code():
    assert sum(bool(blocks_of(slug)) for slug in LESSONS) >= len(LESSONS) - 1


def promises(source: str) -> list[str]:
    """Expected output in comments after `print(...)`, if they consist of numbers alone."""
    comments = re.findall(r"^print\(.*\)\s+# ?(.+)$", source, re.MULTILINE)
    return [squeezed(comment) for comment in comments if re.fullmatch(r"[-\d\s.,()\[\]]+", comment)]


def squeezed(printed: str) -> str:
    return re.sub(r"\s+", " ", printed).strip()


def test_promises_are_found():
    zh = text("07-backprop", "zh")
    assert "2.25 6.0 3.0" in [promise for block in blocks(zh, "python") for promise in promises(block.text)]
