"""From a lesson's sources to what a page needs: the parsed labs and questions, and the rendering in both languages."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.courses.markdown import Context, Rendering, render_lesson, render_short
from app.courses.sources import LabSource, LessonSource, QuizSource, parse_lesson, parse_quiz

LESSON_LANGUAGES = ("zh", "en")


@dataclass(frozen=True)
class PreparedLesson:
    lesson: LessonSource
    quiz: QuizSource
    renderings: dict[str, Rendering]

    def stored_rendering(self) -> dict[str, Any]:
        """What a revision keeps of the renderings, with the lesson's glossary in each language."""
        return {
            language: {
                "segments": rendering.segments,
                "contents": rendering.contents,
                "text": rendering.text,
                "terms": [
                    {"key": term.key, "name": getattr(term, language), "definition": getattr(term.definition, language)}
                    for term in self.lesson.terms
                ],
            }
            for language, rendering in self.renderings.items()
        }

    def stored_labs(self) -> dict[str, Any]:
        """The labs by key; a lab's task is rendered to HTML."""
        return {lab.key: _stored_lab(lab) for lab in self.lesson.labs}

    def stored_quiz(self) -> dict[str, Any]:
        return {question.key: question.model_dump(mode="json") for question in self.quiz.questions}


def prepare_lesson(
    sources: Mapping[str, str],
    drawing: Callable[[str], bytes | None],
    picture_address: Callable[[str], str],
    lesson_address: Callable[[str], str | None],
) -> PreparedLesson:
    """Parse and render a lesson. Raises what `parse_lesson` and `parse_quiz` raise; faults of the text are in the renderings."""
    lesson = parse_lesson(sources["lesson.toml"])
    quiz = parse_quiz(sources.get("quiz.toml", ""))
    terms = {term.key: term for term in lesson.terms}
    renderings = {
        language: render_lesson(
            sources[f"{language}.md"],
            Context(
                language=language,
                terms=terms,
                drawing=drawing,
                picture_address=picture_address,
                lesson_address=lesson_address,
            ),
        )
        for language in LESSON_LANGUAGES
    }
    return PreparedLesson(lesson, quiz, renderings)


def digest(sources: Mapping[str, str], pictures: Mapping[str, bytes]) -> str:
    """SHA-256 over all files, by name."""
    total = hashlib.sha256()
    files = {**{name: text.encode() for name, text in sources.items()}, **pictures}
    for name in sorted(files):
        total.update(name.encode() + b"\0" + hashlib.sha256(files[name]).digest())
    return total.hexdigest()


def _stored_lab(lab: LabSource) -> dict[str, Any]:
    stored = lab.model_dump(mode="json")
    stored["task_html"] = {language: render_short(getattr(lab.task, language)) for language in LESSON_LANGUAGES}
    return stored
