"""From a lesson's sources to what a page needs: the parsed labs and questions, and the rendering in both languages."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel

from app.core.config import ROOT
from app.core.text import Bilingual, InTwoLanguages, Term
from app.labs.sources import UNTOLD
from app.markup.context import EarlierTerm, Offered, Rendering
from app.markup.rendering import ShortHtml, lesson_text, short_texts
from app.publishing import sources as files
from app.publishing.sources import PICTURE, LessonSource, QuestionSource, QuizSource, parse_lesson, parse_quiz

LESSON_LANGUAGES = ("zh", "en")
BEGINNING = 2**20
# Files relative to app/.
_RENDERING_CODE = (
    "core/text.py",
    "labs/sources.py",
    "markup/closing_marks.py",
    "markup/code_languages.py",
    "markup/context.py",
    "markup/emphasis.py",
    "markup/formulas.py",
    "markup/lesson_markdown.py",
    "markup/markdown_rules.py",
    "markup/picture_size.py",
    "markup/placeholders.py",
    "markup/sanitize.py",
    "publishing/prepare.py",
    "publishing/sources.py",
)
_RENDERING_PACKAGES = ("markdown-it-py", "math-core", "mdit-py-plugins", "nh3", "pygments")


# The path of a text in a file: ("questions", 2, "prompt").
Place = tuple[str | int, ...]


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
        """For `lesson`; `terms` has every lesson of the course in reading order with the terms it defines."""
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
    # By file, then by path and language: short texts with their faults.
    shorts: dict[str, dict[Place, ShortHtml]]

    def read_in(self, language: str) -> Rendering:
        """What a reader of `language` is shown: the other text if the lesson has none in it."""
        own = self.renderings[language]
        return own if own.segments else self.renderings["en" if language == "zh" else "zh"]

    def stored_rendering(self) -> dict[str, Any]:
        """What a revision stores of the renderings, with the terms to explain in each language.

        A term defined by an earlier lesson has that lesson's folder as `lesson`; for the lesson's own terms it is None.
        """
        return {
            language: {
                "segments": rendering.segments,
                "contents": rendering.contents,
                "text": rendering.text,
                "terms": [_stored_term(term, slug, language) for slug, term in self._terms(rendering)]
                if rendering.segments
                else [],
            }
            for language, rendering in self.renderings.items()
        }

    def _terms(self, rendering: Rendering) -> list[tuple[str | None, Term]]:
        own: list[tuple[str | None, Term]] = [(None, term) for term in self.lesson.terms]
        borrowed = rendering.used_terms - {term.key for term in self.lesson.terms}
        return own + [
            (e.lesson, e.term) for key, e in self.surroundings.earlier_terms.items() if key in borrowed
        ]

    def stored_question(self) -> dict[str, str]:
        """Empty in both languages if the lesson asks none."""
        question = self.lesson.question
        return question.model_dump() if question else dict.fromkeys(LESSON_LANGUAGES, "")

    def stored_labs(self) -> dict[str, Any]:
        """The labs by key, with their tasks as HTML."""
        return {
            lab.key: lab.model_dump(mode="json", exclude=set(UNTOLD))
            | {
                "task_html": {
                    each: self._html("lesson.toml", "labs", index, "task", each) for each in LESSON_LANGUAGES
                }
            }
            for index, lab in enumerate(self.lesson.labs)
        }

    def stored_quiz(self) -> dict[str, Any]:
        """The questions by key, with their answers; prompts, options, items and explanations as HTML."""
        return {
            question.key: self._stored_question(index, question)
            for index, question in enumerate(self.quiz.questions)
        }

    def _stored_question(self, index: int, question: QuestionSource) -> dict[str, Any]:
        stored = question.model_dump(mode="json")
        stored["prompt_html"] = self._line(index, "prompt")
        stored["why_html"] = self._line(index, "why") if question.why else None
        stored["items_html"] = [self._line(index, "items", number) for number in range(len(question.items))]
        for number, option in enumerate(stored["options"]):
            for name in ("text", "why"):
                option[f"{name}_html"] = self._line(index, "options", number, name)
        # The code before and after the blank; the page puts the field between them.
        code = self._html("quiz.toml", "questions", index, "code") if question.code else ""
        stored["code_html"] = code.split("____", 1) if code else []
        return stored

    def _line(self, index: int, *path: str | int) -> dict[str, str]:
        """A short text of a question, in each language."""
        return {
            language: _only_paragraph(self._html("quiz.toml", "questions", index, *path, language))
            for language in LESSON_LANGUAGES
        }

    def _html(self, file: str, *path: str | int) -> str:
        return self.shorts[file][path][0]


def prepare_lesson(
    sources: Mapping[str, str],
    picture: Callable[[str], bytes | None],
    picture_address: Callable[[str], str],
    surroundings: Surroundings,
) -> PreparedLesson:
    """Parse and render a lesson. Raises what `parse_lesson` and `parse_quiz` raise; faults of the texts are in the result."""
    lesson = parse_lesson(sources["lesson.toml"])
    quiz = parse_quiz(sources.get("quiz.toml", ""))
    offered = Offered(
        terms=[term.key for term in lesson.terms],
        earlier_terms=set(surroundings.earlier_terms),
        later_terms=dict(surroundings.later_terms),
        lessons={slug: str(surroundings.address(slug)) for slug in surroundings.lessons},
        labs={lab.key for lab in lesson.labs},
        questions={question.key for question in quiz.questions},
        figures=interactive_figures(),
    )
    renderings = {}
    for language in LESSON_LANGUAGES:
        text = sources.get(f"{language}.md", "")
        pictures = _mentioned_pictures(text, picture, picture_address)
        renderings[language] = lesson_text(text, replace(offered, language=language, pictures=pictures))
    shorts = {
        "lesson.toml": _short_texts({"labs": lesson.labs}),
        "quiz.toml": _short_texts({"questions": quiz.questions}) | _code_texts(quiz),
    }
    return PreparedLesson(lesson, quiz, renderings, surroundings, shorts)


def _mentioned_pictures(
    text: str, picture: Callable[[str], bytes | None], address: Callable[[str], str]
) -> dict[str, tuple[bytes, str]]:
    """Pictures named in a text. For a photograph the first bytes suffice, which contain its size."""
    found = {}
    for name in {match[0] for match in PICTURE.finditer(text)}:
        content = picture(name)
        if content is not None:
            found[name] = (content if name.endswith(".svg") else content[:BEGINNING], address(name))
    return found


def _short_texts(source: Mapping[str, Any]) -> dict[Place, ShortHtml]:
    """The rendered bilingual texts in `source`, by path and language."""
    places = [
        (path, language, getattr(text, language))
        for path, text in bilingual_texts(source)
        for language in LESSON_LANGUAGES
    ]
    made = short_texts([(text, language) for _path, language, text in places])
    return {(*path, language): one for (path, language, _text), one in zip(places, made, strict=True)}


def _code_texts(quiz: QuizSource) -> dict[Place, ShortHtml]:
    questions = [(index, q.code) for index, q in enumerate(quiz.questions) if q.code]
    made = short_texts([(f"```python\n{code}\n```", "zh") for _index, code in questions])
    return {("questions", index, "code"): one for (index, _code), one in zip(questions, made, strict=True)}


def bilingual_texts(value: Any, path: Place = ()) -> Iterator[tuple[Place, InTwoLanguages]]:
    """Every bilingual text within `value`, with its path."""
    if isinstance(value, InTwoLanguages):
        yield path, value
    if isinstance(value, Bilingual):
        return
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from bilingual_texts(getattr(value, name), (*path, name))
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from bilingual_texts(part, (*path, name))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from bilingual_texts(part, (*path, index))


def interactive_figures() -> set[str] | None:
    """The names in static/figures; None in an installation that has only their bundles."""
    folder = ROOT / "static" / "figures"
    return {path.stem for path in folder.glob("*.js")} if folder.is_dir() else None


def digest(sources: Mapping[str, str], pictures: Mapping[str, bytes]) -> str:
    """SHA-256 over all files of a lesson: the same as for a folder with them."""
    return files.digest({name: text.encode() for name, text in sources.items()}, pictures)


@lru_cache
def rendering_code() -> str:
    """SHA-256 over the code that renders: tells whether an earlier rendering is out of date."""
    total = hashlib.sha256()
    for name in _RENDERING_CODE:
        total.update((ROOT / "app" / name).read_bytes())
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
    other = "en" if language == "zh" else "zh"
    return {
        "key": term.key,
        "name": getattr(term, language) or getattr(term, other),
        "definition": definition or getattr(term.definition, other),
        "lesson": lesson,
        # Of the definition: the other language if it was written only in that one.
        "language": language if definition else other,
    }


def _only_paragraph(html: str) -> str:
    """A single paragraph is returned without its <p>, so that it can be used in a label."""
    html = html.strip()
    is_one = html.startswith("<p>") and html.endswith("</p>") and html.count("<p>") == 1
    return html[3:-4] if is_one else html
