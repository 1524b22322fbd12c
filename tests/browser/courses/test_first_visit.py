"""What a first visit of a lesson loads, compressed as it is sent: at most 150 KB, without the scripts of its figures."""

import re
from functools import cache
from pathlib import Path

import httpx
import pytest

from app.core.config import ROOT
from script import fonts
from tests.browser.conftest import Classroom

MOST = 150_000
LESSONS = sorted(path.parent.name for path in (ROOT / "content" / "deep-learning").glob("*/zh.md"))
DIST = ROOT / "static" / "dist"
# A module that another one loads at once, and one that it loads when the page has its part.
STATIC = re.compile(r"(?:from|import)\"/static/([^\"]+\.js)\"")
LATER = re.compile(r"import\(\"/static/([^\"]+\.js)\"\)")
# What of app.js's parts a visitor's lesson has; the rest waits for a training, a note, or a member.
PARTS = re.compile(r"chunks/(comments|order-question|class-curve)-")


def sent(path: Path) -> int:
    """As a browser gets it that takes Brotli."""
    packed = path.with_name(f"{path.name}.br")
    return (packed if packed.exists() else path).stat().st_size


@cache
def scripts(name: Path) -> frozenset[Path]:
    text = name.read_text(encoding="utf-8")
    next_to = [DIST / each for each in STATIC.findall(text)]
    later = [DIST / each for each in LATER.findall(text)]
    wanted = [*next_to, *(each for each in later if PARTS.search(each.as_posix()))]
    return frozenset({name}).union(*map(scripts, wanted))


def faces(page: str, lesson: str, language: str) -> int:
    """Where the system has none of the faces that we name first: of headings and formulas, and of Latin text or Chinese headings."""
    names = {fonts.LATIN} | ({"stix-two-math.woff2"} if "<math" in page else set())
    if language == "zh":
        names |= {fonts.file_of(fonts.COMMON), fonts.file_of(lesson)}
    else:
        names.add(fonts.TEXT)
    return sum((fonts.FONTS / name).stat().st_size for name in names)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_first_visit_of_a_lesson_is_at_most_150_kb(classroom: Classroom, language: str) -> None:
    weights = {}
    headers = {"Accept-Encoding": "br, gzip", "Cookie": f"language={language}"}
    with httpx.Client(base_url=classroom.address, headers=headers, timeout=60) as client:
        for lesson in LESSONS:
            with client.stream("GET", f"/courses/deep-learning/lessons/{lesson}") as answer:
                raw = b"".join(answer.iter_raw())
            page = httpx.Response(200, headers=answer.headers, content=raw).text
            files = [
                DIST / name for name in re.findall(r'<link rel="stylesheet" href="/static/([^"]+)"', page)
            ]
            own = [DIST / name for name in re.findall(r'src="/static/(app-[^"]+\.js)"', page)]
            files += set().union(*map(scripts, own))
            assert own and len(files) > 2 and f'data-lesson="{lesson}"' in page
            weights[lesson] = len(raw) + sum(map(sent, files)) + faces(page, lesson, language)
    assert {lesson: weight for lesson, weight in weights.items() if weight > MOST} == {}
