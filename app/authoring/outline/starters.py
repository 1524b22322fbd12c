"""What new things start from: the files of a lesson, and a question of each kind."""

import json

from app.core.text import Bilingual


def new_lesson_sources(title: Bilingual, question: Bilingual | None) -> dict[str, str]:
    """The four files of a lesson that is about to be written, with a beginning in each language that its title has."""
    asked = f"question = {pair(question)}\n" if question else ""
    return {
        "lesson.toml": f"title = {pair(title)}\n{asked}minutes = 10\nneeds = []\n",
        "zh.md": "## 第一节 {#first}\n\n" if title.zh else "",
        "en.md": "## The first section {#first}\n\n" if title.en else "",
        "quiz.toml": "",
    }


def pair(text: Bilingual) -> str:
    """A text as TOML, in the languages that it has: { zh = "…", en = "…" }"""
    written = ", ".join(f"{name} = {string(words)}" for name, words in text.model_dump().items() if words)
    return f"{{ {written} }}"


def string(text: str) -> str:
    """`text` as a TOML basic string. JSON escapes the same way, but lets one control character through."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
