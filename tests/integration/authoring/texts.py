"""A lesson's texts as stored, and what the editor sends."""

from io import BytesIO
from typing import Any

from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import Select

from app.authoring import drafts
from app.core.db import session_scope
from app.courses.models import Lesson

LESSON = "/courses/tiny/lessons/00-start"


def one(statement: Select[Any]) -> Any:
    """The stored state, read in a short transaction: SQLite allows one writer at a time."""
    with session_scope(writes=False) as session:
        return session.scalar(statement)


def version_of(lesson: Lesson) -> int:
    with session_scope(writes=False) as session:
        return drafts.lesson_text(session, lesson.id).version


def text_of(lesson: Lesson, name: str = "en.md") -> str:
    with session_scope(writes=False) as session:
        return drafts.lesson_text(session, lesson.id).sources[name]


def put(client: TestClient, editor: str, version: int, **sources: str) -> Any:
    named = {name.replace("_", "."): text for name, text in sources.items()}
    return client.put(
        f"{editor}/draft", json={"version": version, "sources": named}, headers={"Accept": "application/json"}
    )


def add_sentence(
    client: TestClient, editor: str, lesson: Lesson, sentence: str = "One more sentence."
) -> None:
    answer = put(
        client,
        editor,
        version_of(lesson),
        en_md=text_of(lesson) + f"\n{sentence}\n",
        zh_md=text_of(lesson, "zh.md") + "\n又一句。\n",
    )
    assert answer.status_code == 200, answer.text


def png(width: int = 8, height: int = 8) -> bytes:
    output = BytesIO()
    Image.new("RGB", (width, height), (20, 120, 60)).save(output, "PNG")
    return output.getvalue()
