"""Writing while the web server is killed again and again: nothing confirmed is lost, nothing is duplicated."""

import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import psutil
import pytest
from sqlalchemy import func, select

from app.accounts.models import User
from app.accounts.service import open_session
from app.board.models import Comment, CommentState, Thread
from app.checkins.models import CheckIn
from app.core.db import session_scope
from app.web.security.cookies import session_cookie_name
from tests.factories import make_user
from tests.faults.classroom import Classroom, kill, wait_for

KILLS = 50
WRITERS = 4


@pytest.fixture
def classroom(tmp_path: Path) -> Iterator[Classroom]:
    classroom = Classroom(tmp_path)
    yield classroom
    classroom.close()


@dataclass
class Told:
    """What the server has confirmed, and how often it died before."""

    # Request key -> the comment's id, as the answer named it.
    comments: dict[str, UUID] = field(default_factory=dict)
    # User -> the note of the check-in.
    check_ins: dict[UUID, str] = field(default_factory=dict)
    interrupted: Counter[str] = field(default_factory=Counter)
    odd: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.comments) + len(self.check_ins)


class Server:
    """Restarts by itself when killed."""

    def __init__(self, classroom: Classroom) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        self.parent = classroom.start_reborn_web(port)
        wait_for(self._answers, "the server answers")

    def kill(self) -> None:
        for life in psutil.Process(self.parent.pid).children():
            life.kill()

    def end(self) -> None:
        """The parent first, or it would start a replacement."""
        lives = psutil.Process(self.parent.pid).children()
        kill(self.parent)
        for life in lives:
            life.kill()

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.address}/healthz", timeout=10).status_code == 200
        except httpx.TransportError:
            return False


def new_writers(number: int) -> list[tuple[User, str]]:
    """Accounts, each with the token of a session."""
    with session_scope() as session:
        users = [make_user(session) for _ in range(number)]
        return [(user, open_session(session, user)) for user in users]


def connect(server: Server) -> httpx.Client:
    return httpx.Client(base_url=server.address, headers={"Sec-Fetch-Site": "same-origin"}, timeout=30)


def send(client: httpx.Client, token: str, path: str, fields: dict[str, str], told: Told) -> str:
    """Post a form again and again, as a browser would after a lost connection, until there is a response; returns its redirect."""
    while True:
        try:
            answer = client.post(path, data=fields, headers={"Cookie": f"{session_cookie_name()}={token}"})
        except httpx.TransportError:
            told.interrupted[path] += 1
            time.sleep(0.02)
            continue
        if answer.status_code != 303:
            told.odd.append(f"{answer.status_code} {path}: {answer.text[:500]}")
        return answer.headers.get("location", "")


def write_comments(server: Server, writer: tuple[User, str], told: Told, is_over: Callable[[], bool]) -> None:
    with connect(server) as client:
        while not is_over():
            key = uuid4().hex
            fields = {"body": f"This is remark {key} of mine.", "request_key": key}
            location = send(client, writer[1], "/threads/class/comments", fields, told)
            told.comments[key] = UUID(location.removeprefix("/comments/"))


def check_in(
    server: Server, writers: list[tuple[User, str]], told: Told, is_over: Callable[[], bool]
) -> None:
    """Each account once, as there is one check-in a day."""
    with connect(server) as client:
        for user, token in writers:
            if is_over():
                return
            note = f"Learnt {uuid4().hex}."
            send(client, token, "/check-ins", {"note": note}, told)
            told.check_ins[user.id] = note


@pytest.mark.timeout(300)
def test_a_server_killed_50_times_loses_nothing_that_it_confirmed_and_stores_nothing_twice(
    classroom: Classroom,
) -> None:
    server, told, over = Server(classroom), Told(), threading.Event()
    chance = random.Random(7)
    threads = [
        threading.Thread(target=write_comments, args=(server, writer, told, over.is_set))
        for writer in new_writers(WRITERS)
    ]
    threads.append(threading.Thread(target=check_in, args=(server, new_writers(600), told, over.is_set)))
    for thread in threads:
        thread.start()
    for _ in range(KILLS):
        before = told.count
        wait_for(
            lambda count=before: told.count > count + 5 or told.odd,  # type: ignore[misc] # not that of a later round
            "posts are confirmed between two kills",
        )
        time.sleep(chance.uniform(0, 0.05))
        server.kill()
    over.set()
    for thread in threads:
        thread.join(60)
    server.end()

    assert told.odd == []
    assert told.interrupted["/threads/class/comments"] >= 2 * KILLS, "too few kills met a post"
    assert told.interrupted["/check-ins"] >= KILLS / 2, "too few kills met a check-in"
    check_comments(told)
    check_check_ins(told)


def check_comments(told: Told) -> None:
    with session_scope(writes=False) as session:
        stored = dict(session.execute(select(Comment.request_key, Comment.id)).all())
        rows = session.scalar(select(func.count(Comment.id)))
        counted = session.scalars(select(Thread.comment_count)).one()
        states = set(session.scalars(select(Comment.state)))
    assert stored == told.comments
    assert rows == len(told.comments)
    assert counted == rows
    assert states == {CommentState.VISIBLE}


def check_check_ins(told: Told) -> None:
    with session_scope(writes=False) as session:
        stored = session.execute(select(CheckIn.user_id, CheckIn.note)).all()
    assert len(stored) == len(told.check_ins)
    assert dict(stored) == told.check_ins
