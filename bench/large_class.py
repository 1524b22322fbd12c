"""A class of any size, for benchmarks: students, comments below the lessons and check-ins, stored by bulk INSERTs.

Whatever the size, the measured reader has the same days, and the first page has as much on it; only the
surrounding data grows.
"""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from uuid import UUID

from sqlalchemy import Connection, Engine, Table, func, insert, select, text
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.service import open_session
from app.board.models import Comment, CommentState, Rank, Thread
from app.board.places import lesson_place
from app.board.text.rendering import render_comment
from app.checkins.models import CheckIn, Source
from app.checkins.streaks import Kind
from app.core.config import ROOT
from app.core.db import make_engine
from app.courses.models import Course, Lesson
from bench.lesson_page import LESSON

A_BATCH = 5_000
DAYS_EACH = 100
LONG_AGO = timedelta(days=400)

WORDS = """the **loss** falls for three epochs and then stays where it is; with `learning_rate=0.01` it went on, slowly.
Is the network too small, or did I stop too early? My curve of the validation set is above that of the training set."""


@dataclass(frozen=True)
class Size:
    """Totals; `in_thread` of the comments are below the measured lesson."""

    comments: int
    check_ins: int
    in_thread: int
    # Per top-level comment.
    replies: int = 4

    @property
    def students(self) -> int:
        return max(8, self.check_ins // DAYS_EACH)


def prepare(environment: dict[str, str]) -> None:
    """The tables and the course."""
    for command in (["migrate"], ["course", "load"]):
        subprocess.run(
            [sys.executable, "-m", "app.cli", *command],
            cwd=ROOT,
            env=os.environ | environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )


def fill(url: str, size: Size, readers: int = 1) -> list[str]:
    """Fill a prepared database; returns session tokens of students, all of them long-standing members who have written before."""
    engine = make_engine(url)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA cache_size=-1000000")
        students = [UUID(int=random.getrandbits(128), version=4) for _ in range(size.students)]
        store(connection, User.__table__, users(students))
        threads = _open_threads(connection)
        store(connection, Comment.__table__, _comments(threads, students, size))
        store(connection, CheckIn.__table__, islice(_check_ins(students), size.check_ins))
    _count(engine)
    with Session(engine) as session:
        chosen = session.scalars(select(User).where(User.id.in_(students[:readers])))
        tokens = [open_session(session, user) for user in chosen]
        session.commit()
    settle(engine)
    engine.dispose()
    return tokens


def store(connection: Connection, table: Table, rows: Iterator[dict[str, object]]) -> None:
    while part := list(islice(rows, A_BATCH)):
        connection.execute(insert(table), part)
        connection.commit()


def users(ids: list[UUID]) -> Iterator[dict[str, object]]:
    moment = datetime.now(UTC) - LONG_AGO
    for number, user_id in enumerate(ids):
        name = f"student {number}"
        yield {"id": user_id, "name": name, "name_key": name, "password_hash": "-", "created_at": moment}


def _open_threads(connection: Connection) -> list[UUID]:
    """One below each lesson; the measured lesson comes first."""
    with Session(connection) as session:
        lessons = session.execute(select(Lesson, Course).join(Course, Course.id == Lesson.course_id)).all()
        places = []
        for lesson, course in lessons:
            lesson.course = course
            places.append(lesson_place(lesson))
        places.sort(key=lambda place: place.address != LESSON)
        assert places[0].address == LESSON, places[0]
        for place in places:
            session.add(
                Thread(id=place.thread_id, key=place.key, address=place.address, lesson_id=place.lesson_id)
            )
        session.commit()
    return [place.thread_id for place in places]


def _comments(threads: list[UUID], students: list[UUID], size: Size) -> Iterator[dict[str, object]]:
    """Each top-level comment is followed by its replies; they are spread over a year in the order of writing."""
    html = render_comment(WORDS)
    first = datetime.now(UTC) - timedelta(days=365)
    together = 1 + size.replies
    step = timedelta(days=364) / size.comments
    parent = thread = None
    for number in range(size.comments):
        is_first = number % together == 0
        identity = UUID(int=random.getrandbits(128), version=4)
        if is_first:
            is_measured = number % (size.comments // size.in_thread * together) == 0
            thread = threads[0] if is_measured else random.choice(threads[1:])
            parent = identity
        yield {
            "id": identity,
            "thread_id": thread,
            "parent_id": None if is_first else parent,
            # The readers, who are the first students, wrote as many comments in any class.
            "author_id": students[number % 8] if number < 8 * together else random.choice(students),
            "body": f"{number} {WORDS}",
            "html": html,
            "state": CommentState.VISIBLE,
            "rank": Rank.PLAIN,
            "likes": random.randrange(100) if is_first else 0,
            "replies": size.replies if is_first else 0,
            "created_at": first + number * step,
        }


def _check_ins(students: list[UUID]) -> Iterator[dict[str, object]]:
    """Day by day, as a class writes them: each student on every third day, so that there are streaks, gaps and freezes."""
    today = datetime.now(UTC)
    for back in range(DAYS_EACH, 0, -1):
        moment = today - timedelta(days=back * 3)
        for user_id in students:
            yield {
                "id": UUID(int=random.getrandbits(128), version=4),
                "user_id": user_id,
                "local_date": moment.date(),
                "zone": "Asia/Shanghai",
                "kind": Kind.REAL,
                "source": Source.BUTTON,
                "note": "Why a filter finds an edge wherever it is.",
                "created_at": moment,
            }


def _count(engine: Engine) -> None:
    """The denormalised counts beside the comments."""
    with Session(engine) as session:
        count = select(func.count()).where(Comment.thread_id == Thread.id).scalar_subquery()
        session.query(Thread).update({Thread.comment_count: count}, synchronize_session=False)
        session.commit()


def settle(engine: Engine) -> None:
    """Statistics, as autovacuum updates them after so many rows."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("analyze"))
