"""From a lesson's sources to what a page needs: the parsed labs and questions, and the rendering in both languages."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from app.config import ROOT
from app.courses import sources as files
from app.courses.context import Context, EarlierTerm
from app.courses.markdown import Rendering, render_lesson, render_short
from app.courses.sources import (
    LabSource,
    LessonSource,
    QuestionSource,
    QuizSource,
    Term,
    parse_lesson,
    parse_quiz,
)
from app.text import Bilingual

LESSON_LANGUAGES = ("zh", "en")
_RENDERING_CODE = (
    "closing_marks",
    "context",
    "emphasis",
    "markdown",
    "markdown_rules",
    "picture_size",
    "publishing",
    "sanitize",
    "sources",
)
_RENDERING_PACKAGES = ("markdown-it-py", "math-core", "mdit-py-plugins", "nh3", "pygments")


@dataclass(frozen=True)
class Surroundings:
    """What `lesson` may refer to in the rest of its course. `lessons` are the folders in reading order."""

    course: str = ""
    lesson: str = ""
    lessons: tuple[str, ...] = ()
    earlier_terms: Mapping[str, EarlierTerm] = field(default_factory=dict)
    later_terms: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, course: str, lesson: str, terms: Iterable[tuple[str, Iterable[Term]]]) -> "Surroundings":
        """Of `lesson`, where `terms` gives every lesson of the course in reading order with the terms it defines."""
        lessons, earlier, later, is_later = [], {}, {}, False
        for slug, defined in terms:
            lessons.append(slug)
            if slug == lesson:
                is_later = True
            elif is_later:
                later.update({term.key: slug for term in defined if term.key not in later})
            else:
                earlier.update({term.key: EarlierTerm(slug, term) for term in defined})
        return cls(course, lesson, tuple(lessons), earlier, later)

    def address(self, slug: str) -> str | None:
        return f"/courses/{self.course}/lessons/{slug}" if slug in self.lessons else None


@dataclass(frozen=True)
class PreparedLesson:
    lesson: LessonSource
    quiz: QuizSource
    renderings: dict[str, Rendering]
    surroundings: Surroundings

    def stored_rendering(self) -> dict[str, Any]:
        """What a revision keeps of the renderings, with the terms to explain in each language.

        A term that an earlier lesson defines names this lesson's folder as `lesson`; for the lesson's own it is None.
        """
        return {
            language: {
                "segments": rendering.segments,
                "contents": rendering.contents,
                "text": rendering.text,
                "terms": [_stored_term(term, slug, language) for slug, term in self._terms(rendering)],
            }
            for language, rendering in self.renderings.items()
        }

    def _terms(self, rendering: Rendering) -> list[tuple[str | None, Term]]:
        own: list[tuple[str | None, Term]] = [(None, term) for term in self.lesson.terms]
        borrowed = rendering.used_terms - {term.key for term in self.lesson.terms}
        return own + [
            (e.lesson, e.term) for key, e in self.surroundings.earlier_terms.items() if key in borrowed
        ]

    def stored_labs(self) -> dict[str, Any]:
        """The labs by key; a lab's task is rendered to HTML."""
        return {lab.key: _stored_lab(lab) for lab in self.lesson.labs}

    def stored_quiz(self) -> dict[str, Any]:
        """The questions by key, with their answers; prompts, options, items and explanations rendered to HTML."""
        return {question.key: _stored_question(question) for question in self.quiz.questions}


def prepare_lesson(
    sources: Mapping[str, str],
    picture: Callable[[str], bytes | None],
    picture_address: Callable[[str], str],
    surroundings: Surroundings,
) -> PreparedLesson:
    """Parse and render a lesson. Raises what `parse_lesson` and `parse_quiz` raise; faults of the text are in the renderings."""
    lesson = parse_lesson(sources["lesson.toml"])
    quiz = parse_quiz(sources.get("quiz.toml", ""))
    renderings = {
        language: render_lesson(
            sources.get(f"{language}.md", ""),
            Context(
                language=language,
                terms={term.key: term for term in lesson.terms},
                earlier_terms=surroundings.earlier_terms,
                later_terms=surroundings.later_terms,
                picture=picture,
                picture_address=picture_address,
                lesson_address=surroundings.address,
                labs={lab.key for lab in lesson.labs},
                questions={question.key for question in quiz.questions},
                figures=interactive_figures(),
            ),
        )
        for language in LESSON_LANGUAGES
    }
    return PreparedLesson(lesson, quiz, renderings, surroundings)


def interactive_figures() -> set[str] | None:
    """The names of static/figures; None in an installation that carries only their bundles."""
    folder = ROOT / "static" / "figures"
    return {path.stem for path in folder.glob("*.js")} if folder.is_dir() else None


def digest(sources: Mapping[str, str], pictures: Mapping[str, bytes]) -> str:
    """SHA-256 over all files of a lesson: the same as of a folder that holds them."""
    return files.digest({name: text.encode() for name, text in sources.items()}, pictures)


@lru_cache
def rendering_code() -> str:
    """SHA-256 over the code that renders: what it made before can be told from what it would make now."""
    total = hashlib.sha256()
    for name in _RENDERING_CODE:
        total.update(Path(__file__).with_name(f"{name}.py").read_bytes())
    for package in _RENDERING_PACKAGES:
        total.update(f"{package} {version(package)}".encode())
    return total.hexdigest()


def rendered_with(surroundings: Surroundings) -> str:
    """SHA-256 over everything but the lesson's own files that its rendering depends on."""
    terms = {
        key: [earlier.lesson, earlier.term.model_dump()]
        for key, earlier in surroundings.earlier_terms.items()
    }
    outside = json.dumps(
        [rendering_code(), surroundings.course, surroundings.lessons, terms], ensure_ascii=False
    )
    return hashlib.sha256(outside.encode()).hexdigest()


def _stored_term(term: Term, lesson: str | None, language: str) -> dict[str, Any]:
    definition = getattr(term.definition, language)
    return {"key": term.key, "name": getattr(term, language), "definition": definition, "lesson": lesson}


def _stored_lab(lab: LabSource) -> dict[str, Any]:
    stored = lab.model_dump(mode="json")
    stored["task_html"] = {
        language: render_short(getattr(lab.task, language)) for language in LESSON_LANGUAGES
    }
    return stored


def _stored_question(question: QuestionSource) -> dict[str, Any]:
    stored = question.model_dump(mode="json")
    stored["prompt_html"] = _short_html(question.prompt)
    stored["why_html"] = _short_html(question.why) if question.why else None
    stored["items_html"] = [_short_html(item) for item in question.items]
    for option, source in zip(stored["options"], question.options, strict=True):
        option["text_html"], option["why_html"] = _short_html(source.text), _short_html(source.why)
    # What stands before and after the blank; the page puts the field between.
    code = render_short(f"```python\n{question.code}\n```") if question.code else ""
    stored["code_html"] = code.split("____", 1) if code else []
    return stored


def _short_html(text: Bilingual) -> dict[str, str]:
    """A sentence or a few. A single paragraph comes without its <p>, so that it may stand in a label."""
    rendered = {language: render_short(getattr(text, language)).strip() for language in LESSON_LANGUAGES}
    return {language: _only_paragraph(html) for language, html in rendered.items()}


def _only_paragraph(html: str) -> str:
    is_one = html.startswith("<p>") and html.endswith("</p>") and html.count("<p>") == 1
    return html[3:-4] if is_one else html
