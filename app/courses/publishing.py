"""From a lesson's sources to what a page needs: the parsed labs and questions, and the rendering in both languages."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.courses.markdown import Context, Rendering, render_lesson, render_short
from app.courses.sources import LabSource, LessonSource, QuestionSource, QuizSource, parse_lesson, parse_quiz
from app.text import Bilingual

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
        """The questions by key, with their answers; prompts, options, items and explanations rendered to HTML."""
        return {question.key: _stored_question(question) for question in self.quiz.questions}


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
