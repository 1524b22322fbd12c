"""Every Python block of every lesson runs on the pinned TensorFlow, alone, and prints what the lesson says it prints."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lessons.texts import LANGUAGES, LESSONS, Block, blocks, text

RUNNER = Path(__file__).with_name("block_runner.py")


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


@pytest.mark.parametrize("slug", [slug for slug in LESSONS if blocks_of(slug)])
def test_the_python_of_a_lesson_runs_and_prints_what_the_lesson_says(slug, tmp_path):
    wanted = blocks_of(slug)
    results = run_blocks(wanted, tmp_path)
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


def run_blocks(wanted: dict[str, Block], folder: Path) -> dict[str, dict[str, str | None]]:
    answers = folder / "answers.json"
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    subprocess.run(
        [sys.executable, str(RUNNER), str(answers)],
        input=json.dumps({name: block.text for name, block in wanted.items()}),
        text=True,
        cwd=folder,  # a block that reads a file of the project does not find it
        env=environment,
        check=True,
        capture_output=True,
        timeout=240,
    )
    return json.loads(answers.read_text(encoding="utf-8"))


def promises(source: str) -> list[str]:
    """Expected output in comments after `print(...)`, if they consist of numbers alone."""
    comments = re.findall(r"^print\(.*\)\s+# ?(.+)$", source, re.MULTILINE)
    return [squeezed(comment) for comment in comments if re.fullmatch(r"[-\d\s.,()\[\]]+", comment)]


def squeezed(printed: str) -> str:
    return re.sub(r"\s+", " ", printed).strip()


def test_promises_are_found():
    zh = text("07-backprop", "zh")
    assert "2.25 6.0 3.0" in [promise for block in blocks(zh, "python") for promise in promises(block.text)]
