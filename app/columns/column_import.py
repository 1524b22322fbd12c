"""`sophora course import`: a lesson exported from a column site becomes a draft, with its comments.

`read_column` writes nothing and never raises for a file's content; its report names every line that did not fit.
"""

import codecs
import re
import tomllib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.columns.comments import Comment, Line, Reply, find_comments, read_comments
from app.columns.headlines import checksum, lesson_title, slug_of
from app.columns.titles import Title
from app.core.db import insert
from app.core.i18n import N_
from app.core.sandbox import MEGABYTE, Limits
from app.core.sentences import Sentence
from app.core.text import Bilingual
from app.courses.models import Course, ImportedComment, Lesson, LessonDraft, Module, Origin
from app.courses.queries import next_position
from app.markup.markdown_escapes import escape_line, escape_text, only_text
from app.markup.rendering import in_helper
from app.publishing.exporter import write_course_toml
from app.publishing.prepare import digest
from app.publishing.revisions import picture_key, store_picture
from app.publishing.sources import CourseSource
from app.publishing.toml_writing import toml_pair

LONGEST_FILE = 5_000_000
COLUMN = "column"
# A column is verified block by block: about a second for 50 kB.
LIMITS = Limits(cpu_seconds=120, wall_seconds=300, memory=1024 * MEGABYTE, lane="longest")
# (HTML, its first line) -> (Markdown, remarks by line, pictures by name)
Converted = Callable[[str, int], tuple[str, list[tuple[int, str]], dict[str, bytes]]]
# Plain text -> Markdown of a comment that shows it exactly as typed
Typed = Callable[[str], str]
_CHARACTERS_A_MINUTE = 350


@dataclass(frozen=True)
class Remark:
    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}" if self.line else self.message


@dataclass(frozen=True)
class ColumnLesson:
    """The content of a column's file. `slug` is a proposed folder name, `title` includes the lesson's number in the column."""

    slug: str
    title: Title
    sources: dict[str, str]
    pictures: dict[str, bytes]
    comments: list[Comment]
    remarks: list[Remark]

    @property
    def digest(self) -> str:
        return digest(self.sources, self.pictures)


@dataclass(frozen=True)
class ImportReport:
    """The outcome for one file: "new", "unchanged", "replaced" (an earlier, unedited import) or "kept"."""

    name: str
    outcome: str
    slug: str
    comments: int
    replies: int
    remarks: list[Remark] = field(default_factory=list)


def read_column(name: str, content: bytes) -> ColumnLesson:
    """Parse a file by its name and bytes, in a sandboxed process. Raises Busy."""
    instead = partial(_plain_lesson, name, content)
    found = in_helper("app.columns.helper:column", name, content, limits=LIMITS, instead=instead)
    return cast(ColumnLesson, found)


def parse_column(name: str, content: bytes, converted: Converted, typed: Typed) -> ColumnLesson:
    """What `read_column` runs in a sandboxed process; `converted` makes Markdown of HTML, `typed` of plain text."""
    remarks: list[Remark] = []

    def note(line: int, message: str) -> None:
        remark = Remark(line, message)
        if remark not in remarks:
            remarks.append(remark)

    lines = _lines(content, note)
    end, begin = find_comments(lines, note)
    if begin == len(lines):
        note(0, Sentence(N_("there is no comments section")))
    title, body = lesson_title(name, lines[:end], note)
    comments, stray = read_comments(lines[begin:], note)
    all_written: list[Comment | Reply] = [*comments, *(reply for each in comments for reply in each.replies)]
    for written in all_written:
        written.body = typed(written.text)
    markdown, noted, pictures = converted("\n".join(text for _, text in body), body[0][0] if body else 1)
    for remark in noted:
        note(*remark)
    if stray:
        markdown = (
            markdown.rstrip("\n")
            + "\n\n"
            + "\n".join(escape_line(escape_text(text.strip())) for _, text in stray)
            + "\n"
        )
    markdown = markdown.strip("\n") + "\n" if markdown.strip() else ""
    if not markdown:
        note(0, Sentence(N_("there is no text before the comments")))
    sources = {
        "lesson.toml": _lesson_toml(title.text, markdown),
        "zh.md": markdown,
        "en.md": "",
        "quiz.toml": "",
    }
    return ColumnLesson(
        slug_of(name, title),
        title,
        sources,
        pictures,
        comments,
        sorted(remarks, key=lambda remark: remark.line),
    )


def store_pictures(column: ColumnLesson) -> None:
    """Call before `save_column`, which refers to them. A picture that no lesson uses in the end is harmless."""
    for name, content in column.pictures.items():
        store_picture(name, content)


def _plain_lesson(name: str, content: bytes) -> ColumnLesson:
    """For a file that takes too long to parse: every line as it is, so that nothing is lost."""
    title, _body = lesson_title(name, [], lambda _line, _message: None)
    lines = (
        only_text(" ".join(line.split())) for line in content.decode("utf-8-sig", "replace").splitlines()
    )
    markdown = "\n\n".join(line for line in lines if line.strip()) + "\n"
    sources = {
        "lesson.toml": _lesson_toml(title.text, markdown),
        "zh.md": markdown,
        "en.md": "",
        "quiz.toml": "",
    }
    sentence = N_("the file takes too long, or too much memory, to read: its lines stay as they are")
    return ColumnLesson(slug_of(name, title), title, sources, {}, [], [Remark(0, Sentence(sentence))])


def save_column(session: Session, course: Course, file_name: str, column: ColumnLesson) -> ImportReport:
    """Write a draft and its comments. Idempotent; a draft edited since is kept.

    The caller commits.
    """
    column = _under_its_own_name(session, course, column)
    lesson = _lesson(session, course, column.slug)
    outcome = "new" if lesson is None else _outcome(session, lesson, column)
    replies = sum(len(comment.replies) for comment in column.comments)
    report = ImportReport(file_name, outcome, column.slug, len(column.comments), replies, column.remarks)
    if outcome in {"unchanged", "kept"}:
        return report
    lesson = lesson or _new_lesson(session, course, column.slug)
    earlier = session.get(LessonDraft, lesson.id)
    if earlier is not None:
        session.delete(earlier)
        session.flush()
    session.execute(delete(ImportedComment).where(ImportedComment.lesson_id == lesson.id))
    pictures = {name: picture_key(name, content) for name, content in column.pictures.items()}
    session.add(
        LessonDraft(
            lesson_id=lesson.id,
            origin=Origin.IMPORT,
            digest=column.digest,
            sources=column.sources,
            pictures=pictures,
        )
    )
    session.add_all(
        ImportedComment(
            lesson_id=lesson.id,
            position=position,
            name=comment.name,
            body=comment.body,
            replies=_replies(comment),
        )
        for position, comment in enumerate(column.comments, start=1)
    )
    session.flush()
    return report


def _under_its_own_name(session: Session, course: Course, column: ColumnLesson) -> ColumnLesson:
    """A different lesson with the same number does not replace an earlier import."""
    other = f"{column.slug[:50]}-{checksum(column.title.text)}"
    if _lesson(session, course, other) is not None:
        return replace(column, slug=other)
    lesson = _lesson(session, course, column.slug)
    if lesson is None or _outcome(session, lesson, column) != "replaced":
        return column
    draft = session.get_one(LessonDraft, lesson.id)
    is_same = tomllib.loads(draft.sources["lesson.toml"])["title"]["zh"] == column.title.text
    return column if is_same else replace(column, slug=other)


def _lesson(session: Session, course: Course, slug: str) -> Lesson | None:
    return session.scalar(select(Lesson).where(Lesson.course_id == course.id, Lesson.slug == slug))


def column_course(session: Session, slug: str = COLUMN) -> Course:
    """The course that imported lessons go into, created if missing. Readers see nothing of it before a lesson is published."""
    course = _course_locked(session, slug)
    if course is None:
        title, summary = (
            Bilingual(zh="导入的专栏", en="Imported column"),
            Bilingual(zh="从专栏导入的课。", en="Lessons imported from a column."),
        )
        source = write_course_toml(CourseSource(slug=slug, title=title, summary=summary, modules=[]))
        values = {
            "title": title.model_dump(),
            "summary": summary.model_dump(),
            "source": source,
            "position": next_position(session),
        }
        # Another import may create it at the same moment.
        session.execute(
            insert(session, Course).values(id=uuid4(), slug=slug, **values).on_conflict_do_nothing()
        )
        course = _course_locked(session, slug)
    assert course is not None  # created by now, by this import or another one
    return course


def _course_locked(session: Session, slug: str) -> Course | None:
    """Imports into one course are serialised."""
    return session.scalar(select(Course).where(Course.slug == slug).with_for_update())


def _lines(content: bytes, note: Callable[[int, str], None]) -> list[Line]:
    """Numbered lines without their ends. Any bytes are accepted; what had to be guessed or dropped is noted."""
    try:
        is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        text = content.decode("utf-16" if is_wide else "utf-8-sig", "replace" if is_wide else "strict")
    except UnicodeDecodeError:
        text = content.decode("gb18030", errors="replace")
        note(0, Sentence(N_("the file is not UTF-8; it was read as GB 18030")))
        if "\ufffd" in text:
            note(0, Sentence(N_("some characters of this file could not be read")))
    lines = []
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        clean = "".join(c for c in line if c == "\t" or unicodedata.category(c) not in {"Cc", "Cs"})
        if clean != line:
            note(number, Sentence(N_("control characters were left out")))
        lines.append((number, clean))
    return lines


def _lesson_toml(title: str, markdown: str) -> str:
    minutes = min(max(1, round(len(re.sub(r"\s|[!-/:-@\[-`{-~]", "", markdown)) / _CHARACTERS_A_MINUTE)), 600)
    return f"{toml_pair('title', {'zh': title})}\n{toml_pair('minutes', minutes)}\n"


def _outcome(session: Session, lesson: Lesson, column: ColumnLesson) -> str:
    draft = session.get(LessonDraft, lesson.id)
    if draft is None or draft.origin != Origin.IMPORT or lesson.published_revision_id is not None:
        return "kept"
    if draft.version != 1:
        return "kept"
    stored = session.scalars(
        select(ImportedComment)
        .where(ImportedComment.lesson_id == lesson.id)
        .order_by(ImportedComment.position)
    )
    same = [(c.name, c.body, c.replies) for c in stored] == [
        (c.name, c.body, _replies(c)) for c in column.comments
    ]
    return "unchanged" if same and draft.digest == column.digest else "replaced"


def _new_lesson(session: Session, course: Course, slug: str) -> Lesson:
    """At the end of the course, in the module of imported lessons."""
    module = session.scalar(select(Module).where(Module.course_id == course.id, Module.slug == "imported"))
    if module is None:
        last = session.scalar(select(func.max(Module.position)).where(Module.course_id == course.id))
        position = 0 if last is None else last + 1
        module = Module(
            course_id=course.id, slug="imported", title={"zh": "导入", "en": "Imported"}, position=position
        )
        session.add(module)
        session.flush()
    last = session.scalar(select(func.max(Lesson.position)).where(Lesson.course_id == course.id))
    lesson = Lesson(course_id=course.id, module_id=module.id, slug=slug, position=(last or 0) + 1)
    session.add(lesson)
    session.flush()
    return lesson


def _replies(comment: Comment) -> list[dict[str, Any]]:
    return [{"by": reply.by, "body": reply.body} for reply in comment.replies]
