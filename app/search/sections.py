"""A published lesson split into searchable parts: its title, its sections by heading, its terms."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

_SPACE = re.compile(r"\s+")
_HEADINGS = {"h2", "h3"}
_BLOCKS = {
    "p",
    "div",
    "li",
    "tr",
    "td",
    "th",
    "pre",
    "figure",
    "figcaption",
    "blockquote",
    "summary",
    "h4",
    "h5",
    "h6",
    "br",
    "dt",
    "dd",
}
# A drawing's text is better represented by its alternative text.
_SKIPPED = {"svg"}


@dataclass
class Section:
    """`anchor` and `heading` are empty for text before the first heading."""

    anchor: str = ""
    heading_parts: list[str] = field(default_factory=list)
    text_parts: list[str] = field(default_factory=list)

    @property
    def heading(self) -> str:
        return _one_line(self.heading_parts)

    @property
    def text(self) -> str:
        return _one_line(self.text_parts)


@dataclass(frozen=True)
class Part:
    """A future index entry. `text` excludes its heading."""

    kind: str
    anchor: str
    heading: str
    text: str


def parts_of(columns: Mapping[str, Any], language: str) -> Iterator[Part]:
    """`columns`: title, question, labs and rendering of a LessonRevision."""
    rendering = columns["rendering"]
    if not rendering[language]["segments"]:  # written only in the other language, and found there
        return
    yield Part("title", "", _text(columns["title"], language), _text(columns["question"], language))
    for section in _sections(columns, language):
        if section.heading or section.text:
            yield Part("section", section.anchor, section.heading, section.text)
    other_names = {
        term["key"]: term["name"] for term in rendering["en" if language == "zh" else "zh"]["terms"]
    }
    for term in rendering[language]["terms"]:
        other = other_names.get(term["key"], "")
        heading = term["name"] if other in {"", term["name"]} else f"{term['name']} · {other}"
        yield Part("term", f"term-{term['key']}", heading, term["definition"])


def _sections(columns: Mapping[str, Any], language: str) -> list[Section]:
    reader = _SectionReader()
    for segment in columns["rendering"][language]["segments"]:
        reader.feed(segment.get("html", "") or segment.get("caption", ""))
        if "lab" in segment and segment["lab"] in columns["labs"]:
            reader.feed(_lab_html(columns["labs"][segment["lab"]], language))
    reader.close()
    return reader.sections


def _lab_html(lab: Mapping[str, Any], language: str) -> str:
    title, task = _text(lab["title"], language), _text(lab["task_html"], language)
    return f"<p>{title.replace('<', '&lt;')}</p>{task}"


def _text(texts: Mapping[str, str], language: str) -> str:
    """As shown to a reader of `language`: the other text if there is none in it."""
    return texts.get(language) or next((text for text in texts.values() if text), "")


class _SectionReader(HTMLParser):
    """Parses a lesson's sanitised HTML, in any number of pieces."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sections = [Section()]
        self._is_in_heading = False
        self._skipping = 0
        self._footnote_marks = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        if tag in _SKIPPED:
            self._skipping += 1
        elif tag in _HEADINGS and values.get("id"):
            self.sections.append(Section(anchor=values["id"] or ""))
            self._is_in_heading = True
        elif tag == "sup" and "footnote-ref" in (values.get("class") or ""):
            self._footnote_marks += 1
        elif tag in _BLOCKS:
            self.sections[-1].text_parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED:
            self._skipping = max(0, self._skipping - 1)
        elif tag in _HEADINGS:
            self._is_in_heading = False
        elif tag == "sup":
            self._footnote_marks = max(0, self._footnote_marks - 1)
        elif tag in _BLOCKS:
            self.sections[-1].text_parts.append(" ")

    def handle_data(self, data: str) -> None:
        if self._skipping or self._footnote_marks:
            return
        section = self.sections[-1]
        (section.heading_parts if self._is_in_heading else section.text_parts).append(data)


def _one_line(parts: list[str]) -> str:
    return _SPACE.sub(" ", "".join(parts)).strip()
