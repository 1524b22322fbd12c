"""What new things start from: the files of a lesson, and a question of each kind."""

import json

from app.core.text import Bilingual


def new_lesson_sources(title: Bilingual, question: Bilingual) -> dict[str, str]:
    """The four files of a lesson that is about to be written."""
    lesson = f"title = {pair(title)}\nquestion = {pair(question)}\nminutes = 10\nneeds = []\n"
    return {
        "lesson.toml": lesson,
        "zh.md": "## 第一节 {#first}\n\n",
        "en.md": "## The first section {#first}\n\n",
        "quiz.toml": "",
    }


def pair(text: Bilingual) -> str:
    """A text in both languages as TOML: { zh = "…", en = "…" }"""
    return f"{{ zh = {string(text.zh)}, en = {string(text.en)} }}"


def string(text: str) -> str:
    """`text` as a TOML basic string. JSON escapes the same way, but lets one control character through."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
