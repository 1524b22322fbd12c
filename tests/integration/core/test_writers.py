"""Concurrent writing requests."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from functools import partial
from uuid import uuid4

import anyio
import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.accounts.service import open_session
from app.board.models import Comment, Thread
from app.core import db
from app.core.config import get_settings
from app.core.errors import SignInNeeded
from app.core.i18n import current_language
from app.core.writers import Sender, TakesLonger, Writers
from app.courses.models import Course, Lesson
from app.main import create_app
from app.web.security.cookies import session_cookie_name
from tests import loops
from tests.factories import NO_ID, make_user
from tests.integration.conftest import ON_SQLITE

WORDS = "What I learnt today"
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def enter(session: Session) -> Callable[..., httpx.AsyncClient]:
    """A client of its own for each user, all of one server."""
    transport = httpx.ASGITransport(app=create_app())

    def as_user(user: User) -> httpx.AsyncClient:
        cookies = {session_cookie_name(): open_session(session, user)}
        session.commit()
        return httpx.AsyncClient(transport=transport, base_url=get_settings().public_url, cookies=cookies)

    return as_user


@pytest.mark.parametrize(
    ("method", "path", "kind", "start"),
    [
        ("POST", "/threads/class/comments", "application/x-www-form-urlencoded", b"body=What+I+"),
        ("POST", "/settings/notifications", "application/x-www-form-urlencoded", b"reply="),
        ("POST", "/sign-in", "multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data; "),
        ("PUT", "/authoring/lessons/{lesson}/draft", "application/json", b'{"version": '),
    ],
    ids=["a comment", "settings", "files", "a draft"],
)
def test_whoever_sends_slowly_holds_up_nobody(
    session: Session,
    course: Course,
    enter: Callable[..., httpx.AsyncClient],
    method: str,
    path: str,
    kind: str,
    start: bytes,
) -> None:
    path = path.format(lesson=session.scalar(select(Lesson.id).where(Lesson.course_id == course.id)))
    slow, quick = enter(make_user(session, role=Role.LECTURER)), enter(make_user(session))

    async def both() -> tuple[int, bool]:
        has_begun, may_end, has_ended = anyio.Event(), anyio.Event(), anyio.Event()

        async def body() -> AsyncIterator[bytes]:
            yield start
            has_begun.set()
            await may_end.wait()

        async def send_slowly() -> None:
            await slow.request(method, path, content=body(), headers={"Content-Type": kind} | SAME_SITE)
            has_ended.set()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(send_slowly)
            await has_begun.wait()
            answer = await quick.post("/threads/class/comments", data={"body": WORDS}, headers=SAME_SITE)
            was_first = not has_ended.is_set()
            may_end.set()
        return answer.status_code, was_first

    assert loops.run(both) == (303, True)


def test_a_class_that_writes_at_the_same_moment_loses_nothing(
    session: Session, enter: Callable[..., httpx.AsyncClient]
) -> None:
    students = [enter(make_user(session)) for _number in range(40)]

    async def all_of_them() -> list[int]:
        answers: list[int] = []

        async def write(student: httpx.AsyncClient) -> None:
            fields = {"body": WORDS, "request_key": uuid4().hex}
            answers.append(
                (await student.post("/threads/class/comments", data=fields, headers=SAME_SITE)).status_code
            )

        async with anyio.create_task_group() as tasks:
            for student in students:
                tasks.start_soon(write, student)
        return answers

    assert loops.run(all_of_them) == [303] * len(students)
    with db.session_scope(writes=False) as reading:
        counted = reading.scalar(select(Thread.comment_count).where(Thread.key == "class"))
        assert counted == reading.scalar(select(func.count(Comment.id)).where(Comment.state == "visible"))
        assert reading.scalar(select(func.count(Comment.id))) == len(students)


def test_one_that_fails_takes_nothing_from_those_who_write_with_it(
    session: Session, enter: Callable[..., httpx.AsyncClient]
) -> None:
    students = [enter(make_user(session)) for _number in range(6)]
    places = ["class", "class", f"lesson:{NO_ID}", "class", "nowhere", "class"]
    answers: dict[int, int] = {}

    async def write(number: int) -> None:
        path = f"/threads/{places[number]}/comments"
        answer = await students[number].post(path, data={"body": WORDS}, headers=SAME_SITE)
        answers[number] = answer.status_code

    async def all_of_them() -> None:
        async with anyio.create_task_group() as tasks:
            for number in range(len(students)):
                tasks.start_soon(write, number)

    loops.run(all_of_them)
    assert [answers[number] for number in range(6)] == [303, 303, 404, 303, 404, 303]
    with db.session_scope(writes=False) as reading:
        assert reading.scalar(select(func.count(Comment.id))) == 4


@ON_SQLITE
def test_those_who_wait_at_the_same_moment_share_a_transaction_each_with_its_own_language(
    database: str,
) -> None:
    writers, sessions, languages = Writers(), set(), []

    def work(session: Session) -> None:
        sessions.add(id(session))
        languages.append(current_language.get())

    async def write(language: str) -> None:
        current_language.set(language)
        await writers.together(work)

    async def all_of_them() -> None:
        async with anyio.create_task_group() as tasks:
            for language in ("zh", "en", "zh", "en"):
                tasks.start_soon(write, language)

    loops.run(all_of_them)
    assert len(sessions) == 1
    assert languages == ["zh", "en", "zh", "en"]


def test_what_raises_in_a_shared_transaction_raises_for_its_own_request_alone(database: str) -> None:
    writers, results = Writers(), []

    def work(_session: Session, number: int) -> int:
        if number == 1:
            raise ValueError(number)
        return number

    async def write(number: int) -> None:
        try:
            results.append(await writers.together(partial(work, number=number)))
        except ValueError as error:
            results.append(error)

    async def all_of_them() -> None:
        async with anyio.create_task_group() as tasks:
            for number in range(3):
                tasks.start_soon(write, number)

    loops.run(all_of_them)
    assert sorted(map(str, results)) == ["0", "1", "2"]
    assert [type(result) for result in results].count(ValueError) == 1


def test_what_takes_longer_is_put_off_and_holds_up_nobody(database: str) -> None:
    writers, stored = Writers(), []

    def prepare(number: int) -> None:
        if number == 0:
            raise TakesLonger

    async def post(number: int) -> None:
        with suppress(TakesLonger):
            await writers.together(
                lambda session: stored.append((number, session.scalar(select(func.count(User.id))))),
                prepare=partial(prepare, number),
            )

    async def all_of_them() -> None:
        async with anyio.create_task_group() as tasks:
            for number in range(5):
                tasks.start_soon(post, number)

    loops.run(all_of_them)
    assert sorted(number for number, _ in stored) == [1, 2, 3, 4]


def test_where_nobody_can_be_asked_who_sends_each_hears_why(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    writers, heard = Writers(), []

    def no_session(**_how: object) -> None:
        raise OperationalError("select", {}, Exception("unable to open database file"))

    monkeypatch.setattr("app.core.writers.session_scope", no_session)

    async def post() -> None:
        try:
            await writers.together(lambda _session: None, sender=Sender("token"), prepare=lambda: None)
        except Exception as error:
            heard.append(type(error))

    async def all_of_them() -> None:
        async with anyio.create_task_group() as tasks:
            for _number in range(5):
                tasks.start_soon(post)

    loops.run(all_of_them)
    assert heard == [OperationalError] * 5


def test_who_may_not_write_is_told_so_and_the_others_are_stored(database: str) -> None:
    asked: list[tuple[bool, list[str]]] = []

    def find(session: Session, tokens: Sequence[str]) -> dict[str, str]:
        """Of the third nothing is known; the fourth signs out between its preparation and its turn."""
        asked.append((db.may_write(session), sorted(tokens)))
        gone = {"2", "3"} if db.may_write(session) else {"2"}
        return {token: f"user {token}" for token in tokens if token not in gone}

    writers, prepared, stored, refused = Writers(find_users=find), [], [], []

    async def post(number: int) -> None:
        sender = Sender(str(number))
        try:
            await writers.together(
                lambda _session: stored.append(sender.user),
                sender=sender,
                prepare=lambda: prepared.append(sender.user),
            )
        except SignInNeeded:
            refused.append(number)

    async def all_of_them() -> None:
        async with anyio.create_task_group() as tasks:
            for number in range(5):
                tasks.start_soon(post, number)

    loops.run(all_of_them)
    assert sorted(prepared) == ["user 0", "user 1", "user 3", "user 4"]
    assert sorted(stored) == ["user 0", "user 1", "user 4"]
    assert sorted(refused) == [2, 3]
    if database == "sqlite":
        assert asked == [(False, ["0", "1", "2", "3", "4"]), (True, ["0", "1", "3", "4"])]
