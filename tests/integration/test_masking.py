"""Readers see *昊 where somebody is called 小昊 and has not chosen to show it: a sweep of everything that goes out.

Every address that can be read is asked for, as a page, as a script's fragment and as JSON, by a classmate, by a lecturer and by
a visitor. A new route has to be named here, or the sweep fails.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.accounts.names import masked, public_name
from app.board import marks, places, service
from app.board.left_behind import leave_behind
from app.board.models import Comment
from app.board.sharing import share
from app.checkins import service as checkins
from app.checkins.models import CheckIn
from app.courses.models import Course, Lesson
from app.notifications.assemble import entries
from app.notifications.mail import digest_mail
from app.notifications.models import MailAddress
from app.notifications.queries import notifications_of
from app.redis import get_redis
from tests.factories import make_job, make_user
from tests.integration.conftest import ON_SQLITE, enter

# What is masked, is masked above the database.
pytestmark = [pytest.mark.usefixtures("redis", "database"), ON_SQLITE]

# Nothing else in Sophora has this in it.
REAL_NAME = "Zwiebelfisch昊"
PRIVATE = ("zwiebelfisch", "Zwiebelfisch")

# What a route's parameters stand for is filled in from the scene; several addresses where a query matters.
SWEPT = {
    "/": ("",),
    "/courses/{course}": ("",),
    "/courses/{course}/lessons/{slug}": ("", "?order=newest", "?comment={comment_id}", "?comment={reply_id}"),
    "/lessons/{lesson_id}": ("",),
    "/lessons/{lesson_id}/notes": ("",),
    "/jobs": ("",),
    "/jobs/{job_id}": ("",),
    "/jobs/{job_id}/status": ("",),
    "/jobs/{job_id}/clone": ("",),
    "/progress": ("",),
    "/check-ins": ("",),
    "/check-ins/wall": ("",),
    "/check-ins/class-board": ("",),
    "/check-ins/settings": ("",),
    "/check-ins/{check_in_id}": ("",),
    "/notes": ("",),
    "/search": ("?q=Zwiebelfisch", "?q=learning"),
    "/board": ("",),
    "/discussions/{thread_id}": ("",),
    "/threads/{key}/comments": ("", "?order=newest"),
    "/threads/{key}/chosen": ("?ids={comment_id}&ids={reply_id}",),
    "/threads/{key}/news": ("?since=2020-01-01T00:00:00Z",),
    "/comments/{comment_id}": ("",),
    "/comments/{comment_id}/reply": ("", "?quote=1"),
    "/comments/{comment_id}/replies": ("",),
    "/comments/{comment_id}/history": ("",),
    "/comments/{comment_id}/reports": ("",),
    "/comments/{comment_id}/edit": ("",),
    "/comments/{comment_id}/deletion": ("",),
    "/deleted-comments": ("",),
    "/board/people": (
        "?thread={key}&q=",
        "?thread={key}&q=Z",
        "?thread={key}&q=昊",
        "?thread=class&q=zwiebel",
    ),
    "/moderation": ("",),
    "/moderation/log": ("",),
    "/review": ("",),
    "/notifications": ("",),
    "/notifications/unread": ("",),
    "/settings/notifications": ("",),
    "/people/{user_id}": ("",),
    "/settings": ("",),
    "/settings/export": ("",),
    "/authoring": ("",),
    "/authoring/lessons/{lesson_id}": ("",),
    "/authoring/lessons/{lesson_id}/preview": ("",),
    "/authoring/lessons/{lesson_id}/revisions": ("",),
    "/styleguide": ("",),
}
# Why the sweep need not ask.
LEFT_OUT = {
    "no reader's name can be in it": (
        "/healthz", "/readyz", "/sign-up", "/sign-in", "/setup/{token}", "/pictures/{name}", "/jobs/{job_id}/files/{name}",
        "/review/cards/{card_id}", "/mail-confirmations/{token}", "/unsubscriptions/{token}", "/check-ins/calendar/{token}.ics",
        "/authoring/lessons/{lesson_id}/differences", "/authoring/courses/{course_id}/titles", "/authoring/modules/{module_id}/titles",
        "/authoring/courses/{course_id}/modules/new", "/authoring/modules/{module_id}/lessons/new",
        "/authoring/lessons/{lesson_id}/new-{part}", "/authoring/lessons/{lesson_id}/{part}s/{key}",
    ),
    "one's own alone": ("/notes/{note_id}",),
    "a stream of ids; the test of live events reads all of it": ("/live", "/jobs/{job_id}/events"),
    "administrators manage accounts by their names": (
        "/admin", "/admin/people", "/admin/jobs", "/admin/journal", "/admin/import", "/admin/import/{token}",
    ),
}  # fmt: skip
ACCEPTED = ({}, {"X-Fragment": "1"}, {"Accept": "application/json"})


@pytest.fixture
def hidden(session: Session) -> User:
    """Who does everything that can be seen, and shows no name."""
    return make_user(session, REAL_NAME)


@pytest.fixture
def reader(session: Session) -> User:
    return make_user(session, "Reader")


@pytest.fixture
def scene(client: TestClient, session: Session, course: Course, hidden: User, reader: User) -> dict[str, str]:
    """The hidden one has written, answered, been answered, liked, mentioned, shared, checked in; ids by their parameter's name."""
    lesson = session.scalar(select(Lesson).where(Lesson.slug == "00-start"))
    place = places.find_place(session, None, f"lesson:{lesson.id}")
    staff = make_user(session, "Lin", Role.LECTURER)
    comment = _say(session, hidden, place, "I have a question about learning")
    theirs = _say(session, reader, place, f"Hello @[{REAL_NAME}](user:{hidden.id}), welcome")
    reply = _say(session, hidden, place, "Thank you for the welcome", theirs)
    _say(session, reader, place, "An answer to an answer", reply)
    _say(session, staff, place, f"See what @[x](user:{hidden.id}) says", comment)
    _say(session, hidden, places.CLASS, f"All of you, @[Reader](user:{reader.id}) too")
    service.like(session, hidden, theirs.id)
    marks.feature(session, staff, comment)
    job = make_job(session, hidden)
    share(session, hidden, job.id, on=True)
    _say(session, hidden, places.job_place(job), "This is what I have trained")
    left = make_job(session, staff)
    share(session, staff, left.id, on=True)
    _say(session, hidden, places.job_place(left), "What others said stays readable")
    leave_behind(session, [f"job:{left.id}"])
    checkins.check_in(session, hidden.id, "button", "I have learnt what a loss is")
    checkins.choose(session, hidden, is_on_class_board=True)
    check_in = session.scalar(select(CheckIn).where(CheckIn.user_id == hidden.id))
    checkins.check_in(session, reader.id, "button", "And so have I, somewhat")
    session.commit()
    own = session.scalar(select(CheckIn).where(CheckIn.user_id == reader.id))
    checkins.cheer(session, hidden, own.id)
    session.commit()
    for action in session.info.pop("after_commit"):
        action()
    return {
        "course": "tiny", "slug": "00-start", "lesson_id": str(lesson.id), "job_id": str(job.id), "key": place.key,
        "comment_id": str(comment.id), "reply_id": str(reply.id), "user_id": str(hidden.id),
        "check_in_id": str(check_in.id), "thread_id": str(places.job_place(left).thread_id), "course_id": str(lesson.course_id),
    }  # fmt: skip


def _say(session: Session, user: User, place: places.Place, body: str, to: Comment | None = None) -> Comment:
    return service.post(session, user, place, body, uuid4().hex, 60, reply_to_id=to.id if to else None)


def routes(app: FastAPI) -> Iterator[str]:
    for route in app.routes:
        for inner in getattr(getattr(route, "original_router", None), "routes", [route]):
            if "GET" in (getattr(inner, "methods", None) or ()):
                yield inner.path


def sweep(client: TestClient, scene: dict[str, str]) -> dict[str, str]:
    """All that one reader is given: the text by its address and form."""
    found = {}
    for route, queries in SWEPT.items():
        for query in queries:
            address = re.sub(r"\{(\w+)\}", lambda match: scene[match[1]], route + query)
            for headers in ACCEPTED:
                answer = client.get(address, headers=headers)
                assert answer.status_code < 500, address
                found[f"{address} {headers}"] = _text(answer.content) + str(answer.headers)
    return found


def _text(content: bytes) -> str:
    if not content.startswith(b"PK"):
        return content.decode()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "".join(name + archive.read(name).decode(errors="replace") for name in archive.namelist())


def leaks(found: dict[str, str]) -> list[str]:
    return [address for address, text in found.items() if any(name in text for name in PRIVATE)]


def test_every_route_is_swept_or_says_why_not(client: TestClient) -> None:
    known = {*SWEPT, *(route for group in LEFT_OUT.values() for route in group)}
    assert set(routes(client.app)) == known


@pytest.mark.parametrize("who", ["a classmate", "a lecturer", "a visitor"])
def test_no_output_shows_a_hidden_name(
    client: TestClient, session: Session, scene: dict[str, str], reader: User, who: str
) -> None:
    if who == "a classmate":
        enter(client, session, reader)
    elif who == "a lecturer":
        enter(client, session, make_user(session, "Mo", Role.LECTURER))
    found = sweep(client, scene)
    # What is typed into the search comes back to who typed it.
    found = {address: text for address, text in found.items() if "q=Zwiebelfisch" not in address}
    assert leaks(found) == []
    lesson = next(
        text for address, text in found.items() if address.startswith("/courses/tiny/lessons/00-start {")
    )
    assert "*昊" in lesson


@pytest.mark.parametrize("path", ["/board", "/check-ins/wall", "/check-ins/class-board"])
def test_a_masked_name_leads_to_a_masked_profile_by_its_id(
    client: TestClient, session: Session, scene: dict[str, str], reader: User, hidden: User, path: str
) -> None:
    enter(client, session, reader)
    assert f'href="/people/{hidden.id}">*昊</a>' in client.get(path).text
    profile = client.get(f"/people/{hidden.id}").text
    assert "*昊" in profile and REAL_NAME not in profile


def test_a_visitor_is_not_led_to_profiles(client: TestClient, scene: dict[str, str], hidden: User) -> None:
    page = client.get("/courses/tiny/lessons/00-start").text
    assert '<span class="comment-name">*昊</span>' in page
    assert client.get(f"/people/{hidden.id}").status_code == 303


def test_a_search_for_a_hidden_name_finds_nobody(
    client: TestClient, session: Session, scene: dict[str, str], reader: User
) -> None:
    enter(client, session, reader)
    page = client.get("/search", params={"q": "Zwiebelfisch"}).text
    assert page.count("Zwiebelfisch") == client.get("/search", params={"q": "Quappenfisch"}).text.count(
        "Quappenfisch"
    )


def test_the_sweep_would_find_a_name_that_is_shown(
    client: TestClient, session: Session, scene: dict[str, str], reader: User, hidden: User
) -> None:
    hidden.shows_name = True
    session.commit()
    enter(client, session, reader)
    found = leaks(sweep(client, scene))
    for route in (
        "/courses/tiny/lessons/00-start",
        "/board",
        "/notifications",
        "/check-ins/wall",
        "/jobs/",
        "/people/",
    ):
        assert any(address.startswith(route) for address in found), route


def test_live_events_carry_no_name(session: Session, scene: dict[str, str]) -> None:
    redis = get_redis()
    kept = [redis.xrange(key) for key in redis.keys("*") if redis.type(key) == b"stream"]
    assert len(kept) >= 3
    assert not any(name in str(kept) for name in (*PRIVATE, REAL_NAME.encode("unicode_escape").decode()))


def test_mail_shows_no_hidden_name(session: Session, scene: dict[str, str], reader: User) -> None:
    told = notifications_of(session, reader.id, None, 50)
    assert told
    mail = MailAddress(user_id=reader.id, address="reader@example.org", language="zh")
    message = digest_mail(mail, entries(session, told))
    parts = [part.get_content() for part in message.walk() if not part.is_multipart()]
    assert any("*昊" in part for part in parts)
    assert not any(name in part for part in [*parts, str(message["Subject"])] for name in PRIVATE)


@pytest.mark.parametrize(
    ("name", "shown"), [("小昊", "*昊"), ("青", "*青"), ("Amelia Hart", "*t"), ("", "*")]
)
def test_a_masked_name_is_a_star_and_its_last_character(name: str, shown: str) -> None:
    assert masked(name) == shown


def test_staff_speak_under_their_names_and_the_deleted_have_none(session: Session) -> None:
    assert public_name(make_user(session, "Lin", Role.LECTURER)) == "Lin"
    assert "小" not in public_name(None)
