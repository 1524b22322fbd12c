"""Templates for a new lesson: its files."""

from app.core.text import Bilingual
from app.publishing.toml_writing import toml_pair


def new_lesson_sources(title: Bilingual, question: Bilingual | None) -> dict[str, str]:
    """The four files of a new lesson, with a beginning in each language that its title has."""
    lines = [
        toml_pair("title", title.written),
        *([toml_pair("question", question.written)] if question else []),
        toml_pair("minutes", 10),
        toml_pair("needs", []),
    ]
    return {
        "lesson.toml": "\n".join(lines) + "\n",
        "zh.md": "## 第一节 {#first}\n\n" if title.zh else "",
        "en.md": "## The first section {#first}\n\n" if title.en else "",
        "quiz.toml": "",
    }
