"""What docs/security.md promises is proved by the file that it names."""

import re

from app.config import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
PROMISES = re.findall(
    r"^\| (?!\*\*|promise|-)(.+?) \| (.+?) \|$",
    PAGE.partition("## What is promised")[2].partition("\n## ")[0],
    re.M,
)


def test_every_promise_names_its_proof() -> None:
    assert len(PROMISES) > 25
    without = [
        promise
        for promise, proof in PROMISES
        if "`tests/" not in proof and not proof.startswith("by construction")
    ]
    assert without == []


def test_every_file_that_is_named_exists() -> None:
    named = re.findall(r"`((?:tests|app|worker|docs)/[\w/.-]+)`", PAGE)
    assert [name for name in named if not (ROOT / name).exists()] == []
