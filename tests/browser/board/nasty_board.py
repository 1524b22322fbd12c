"""Hundreds of attempts to run a script, in every place of the board where somebody can write: see test_board_injection.py."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app import features  # noqa: F401 - whoever listens tells the reader of replies
from app.accounts.models import Role, User
from app.accounts.service import name_key, open_session
from app.board import service
from app.board.importing import import_comments
from app.board.models import Comment, CommentEdit, CommentReport, Thread, thread_id
from app.board.places import CLASS
from app.checkins.models import CheckIn, Source
from app.checkins.records import record_of
from app.core import db
from app.core.clock import now
from app.courses.models import Course, ImportedComment, Lesson
from app.notes.models import Note
from app.search.index import index_note
from tests import injections
from tests.browser.conftest import Classroom

# Without the character that every form rejects and PostgreSQL cannot store.
PAYLOADS = [payload.replace("\x00", "") for payload in injections.PAYLOADS]
REPLIES_SHOWN = 3
A_BODY = 3500
# A name also appears in the lists; this many profile pages are enough, as each costs a visit.
PEOPLE_STEP = 4


@dataclass(frozen=True)
class Board:
    """Addresses of pages with the attempts. The token is that of a lecturer, who may see all of them; `own` are this lecturer's
    comments.
    """

    token: str
    lesson: str
    own: Sequence[UUID]
    people: Sequence[str]

    @property
    def lists(self) -> list[str]:
        """Their further pages are followed; together each shows every attempt."""
        return [
            self.lesson,
            "/board?order=newest",
            "/check-ins/wall",
            "/notifications",
            "/moderation",
            "/notes",
            "/search?q=needle",
        ]

    @property
    def others(self) -> list[str]:
        """Pages of single comments, whose bodies contain all attempts one after the other."""
        return [
            f"/comments/{comment}{page}"
            for comment in self.own
            for page in ("/reply?quote=1", "/edit", "/history", "/replies")
        ]


@contextmanager
def nasty_board(classroom: Classroom) -> Iterator[Board]:
    """All attempts in the running classroom, for as long as they are needed: other tests share it."""
    engine = db.make_engine(f"sqlite:///{classroom.data_dir / 'sophora.db'}")
    with Session(engine, expire_on_commit=False) as session:
        reader = _user(session, "who reads the attempts", role=Role.LECTURER)
        students = [_user(session, payload, number=number) for number, payload in enumerate(PAYLOADS)]
        lesson = _import(session)
        own = _talk(session, reader, students)
        _check_in(session, students)
        _report(session, reader, students)
        _take_notes(session, reader, lesson)
        address = f"/courses/attempts-below/lessons/{lesson.slug}"
        token = open_session(session, reader)
        session.commit()
        people = [f"/people/{student.id}" for student in students[::PEOPLE_STEP]]
        yield Board(token, address, own, people)
        _put_away(session, [reader, *students], lesson)
        session.commit()
    engine.dispose()


def _user(session: Session, name: str, *, number: int = 0, role: Role = Role.STUDENT) -> User:
    """Shows the name to everybody."""
    key = f"{name_key(name)[:60]} {number}"
    user = User(name=name, name_key=key, password_hash="-", role=role, shows_name=True)
    session.add(user)
    session.flush()
    return user


def _said(number: int) -> str:
    """An attempt as a block, and inside a line; the number in front proves on a page that it is there."""
    line = " ".join(PAYLOADS[number].split())
    return f"attempt {number}. needle\n\n{PAYLOADS[number]}\n\n{line} **{line}** [{line}]({line}) [x](<{line}>) `{line}` ${line}$"


def _import(session: Session) -> Lesson:
    """A published lesson with the attempts as a column's comments: names, texts, the lecturer's replies and their names."""
    shown = session.scalars(select(Lesson).where(Lesson.published_revision_id.is_not(None)).limit(1)).one()
    words = {"zh": "x", "en": "x"}
    course = Course(slug="attempts-below", title=words, summary=words, source="")
    session.add(course)
    session.flush()
    lesson = Lesson(
        course_id=course.id, slug="00-attempts", position=0, published_revision_id=shown.published_revision_id
    )
    lesson.course = course
    session.add(lesson)
    session.flush()
    for start in range(0, len(PAYLOADS), 1 + REPLIES_SHOWN):
        first, *others = range(start, min(start + 1 + REPLIES_SHOWN, len(PAYLOADS)))
        replies = [{"by": PAYLOADS[number], "body": _said(number)} for number in others]
        said = {"name": PAYLOADS[first], "body": _said(first), "replies": replies}
        session.add(ImportedComment(lesson_id=lesson.id, position=start, **said))
    session.commit()
    assert import_comments(session, lesson) == len(PAYLOADS)
    session.commit()
    return lesson


def _talk(session: Session, reader: User, students: Sequence[User]) -> list[UUID]:
    """On the class's board: the reader mentions three students, who reply; then posts all attempts in a few comments."""
    for start in range(0, len(students), REPLIES_SHOWN):
        some = students[start : start + REPLIES_SHOWN]
        mentions = " ".join(f"@[x](user:{student.id})" for student in some)
        parent = service.post(session, reader, CLASS, f"What do you say, {mentions}?", f"ask-{start}", 60)
        for number, student in enumerate(some, start):
            service.post(session, student, CLASS, _said(number), "", 60, reply_to_id=parent.id)
        session.commit()  # the classroom's own processes write too
    own, texts = [], [""]
    for payload in PAYLOADS:
        if len(texts[-1]) + len(payload) > A_BODY:
            texts.append("")
        texts[-1] += f"{payload}\n\n"
    for number, text in enumerate(texts):
        comment = service.post(session, reader, CLASS, text, f"all-{number}", 60)
        session.add(CommentEdit(comment_id=comment.id, body=text))
        comment.edited_at = now()
        own.append(comment.id)
    return own


def _check_in(session: Session, students: Sequence[User]) -> None:
    today = record_of(session, students[0].id).today
    for number, student in enumerate(students):
        session.add(
            CheckIn(
                user_id=student.id,
                local_date=today,
                zone="Asia/Shanghai",
                source=Source.BUTTON,
                note=f"attempt {number}. {PAYLOADS[number]}",
                created_at=now() - timedelta(seconds=number),
            )
        )


def _report(session: Session, reader: User, students: Sequence[User]) -> None:
    """A report of every reply, with the attempt as its note."""
    by_author = {student.id: number for number, student in enumerate(students)}
    replies = session.scalars(select(Comment).where(Comment.author_id.in_(by_author)))
    for reply in replies:
        note = PAYLOADS[by_author[reply.author_id]]
        session.add(CommentReport(comment_id=reply.id, reporter_id=reader.id, reason="other", note=note))


def _take_notes(session: Session, reader: User, lesson: Lesson) -> None:
    for number, payload in enumerate(PAYLOADS):
        text, place = f"attempt {number}. needle {payload}", {"quote": payload, "anchor": payload[:200]}
        note = Note(
            user_id=reader.id,
            lesson_id=lesson.id,
            language="zh",
            text=text,
            prefix=payload[:40],
            suffix=payload[:40],
            **place,
        )
        session.add(note)
        session.flush()
        index_note(
            session,
            note_id=note.id,
            user_id=reader.id,
            lesson_id=lesson.id,
            language="zh",
            text=text,
            **place,
        )


def _put_away(session: Session, users: Sequence[User], lesson: Lesson) -> None:
    """Other tests share the classroom."""
    ids = [user.id for user in users]
    lesson.published_revision_id = None
    session.execute(delete(Comment).where(Comment.author_id.in_(ids)))
    left = (
        select(func.count())
        .where(Comment.thread_id == Thread.id, Comment.state == "visible")
        .scalar_subquery()
    )
    session.execute(update(Thread).where(Thread.id == thread_id(CLASS.key)).values(comment_count=left))
    session.execute(delete(User).where(User.id.in_(ids)))
