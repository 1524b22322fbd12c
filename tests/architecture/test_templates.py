"""Every template compiles, every page has a title, and every text of the interface is translated."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from app.core.config import ROOT
from app.web.templating import environment

TEMPLATES = sorted(str(path.relative_to(ROOT / "templates")) for path in (ROOT / "templates").rglob("*.html"))
PAGES = [
    name
    for name in TEMPLATES
    if '{% extends "base.html" %}' in (ROOT / "templates" / name).read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_compiles(name: str) -> None:
    environment().get_template(name)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_a_title(name: str) -> None:
    assert "title" in environment().get_template(name).blocks


def test_no_template_has_inline_styles_or_handlers() -> None:
    import re

    forbidden = re.compile(r"\sstyle=|\son[a-z]+=\"|<style|javascript:")
    faults = [
        name
        for name in TEMPLATES
        if forbidden.search((ROOT / "templates" / name).read_text(encoding="utf-8"))
    ]
    assert faults == []


def test_every_text_of_the_interface_is_translated(tmp_path: Path) -> None:
    template = tmp_path / "messages.pot"
    keywords = [part for word in ("_", "N_", "gettext", "ngettext:1,2") for part in ("-k", word)]
    command = [
        sys.executable,
        "-m",
        "babel.messages.frontend",
        "-q",
        "extract",
        "-F",
        "babel.cfg",
        *keywords,
        "--no-location",
        "-o",
        str(template),
        ".",
    ]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    with template.open("rb") as file:
        wanted = {message.id for message in read_po(file) if message.id}
    with (ROOT / "locales" / "zh_Hans" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        translated = {
            message.id
            for message in read_po(file, locale="zh_Hans")
            if message.id and message.string and not message.fuzzy and all(_texts(message.string))
        }
    assert wanted - translated == set()
    assert len(wanted) > 100


def _texts(string: str | tuple[str, ...]) -> tuple[str, ...]:
    return string if isinstance(string, tuple) else (string,)


# Punctuation typed between two texts is half-width in Chinese, too: it belongs in a message of its own.
_MARK_BETWEEN_TEXTS = re.compile(r"(?:\}\}|%\}|</(?:a|b|span|strong|code|time)>)[:,;] (?=\{|<|$)", re.M)
_EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.S)


def test_marks_between_texts_are_translated() -> None:
    found = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        source = path.read_text(encoding="utf-8")
        inside = [match.span() for match in _EXPRESSION.finditer(source)]
        for match in _MARK_BETWEEN_TEXTS.finditer(source):
            mark = match.end() - 2
            if not any(start <= mark < end for start, end in inside):
                found.append(f"{path.relative_to(ROOT)}:{source[:mark].count(chr(10)) + 1}")
    assert [place for place in found if "styleguide" not in place] == []


def test_no_line_is_longer_than_160_characters() -> None:
    """`{{-` and `{%-` begin a line where no white space may be inserted."""
    long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > 160
    ]
    assert long == []


# What shows a date or a moment, by the names that the rows have. An address, a hidden field or a comparison shows none.
_DATE = re.compile(
    r"\{\{-?\s*(?:\w+\.)+(?:\w+_at|\w+_until|since|local_date|monday|day|previous_day|next_day|today)\s*-?\}\}"
)
_IN_ATTRIBUTE = re.compile(r'"[^"]*\{\{[^"]*"')


def test_a_date_has_the_one_form_of_dates() -> None:
    """`| moment`, `| day`, `| day_words` (without an element of its own), `| log_time`: nothing else writes one for readers."""
    faults = []
    for name in TEMPLATES:
        text = _IN_ATTRIBUTE.sub('""', (ROOT / "templates" / name).read_text(encoding="utf-8"))
        faults += [f"{name}: {match[0]}" for match in _DATE.finditer(text)]
        faults += [f"{name}: {form}" for form in ("strftime", "isoformat", "<time ") if form in text]
    assert faults == []
