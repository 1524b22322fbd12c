"""Requests that write at the same moment."""

from collections.abc import AsyncIterator, Callable
from uuid import uuid4

import anyio
import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import db
from app.accounts.models import Role, User
from app.accounts.service import open_session
from app.board.models import Comment, Thread
from app.config import get_settings
from app.courses.models import Course, Lesson
from app.main import create_app
from app.security.cookies import session_cookie_name
from tests.factories import make_user

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

    assert anyio.run(both) == (303, True)


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

    assert anyio.run(all_of_them) == [303] * len(students)
    with db.session_scope(writes=False) as reading:
        counted = reading.scalar(select(Thread.comment_count).where(Thread.key == "class"))
        assert counted == reading.scalar(select(func.count(Comment.id)).where(Comment.state == "visible"))
        assert reading.scalar(select(func.count(Comment.id))) == len(students)
