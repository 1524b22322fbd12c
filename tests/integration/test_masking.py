"""Readers see *昊 for a user called 小昊 who has not chosen to show the name: a sweep of all output.

Every readable address is requested, as a page, as a script's fragment and as JSON, by a classmate, by a lecturer and by a
visitor. `tests.pages` finds them, including new ones. Live events contain only ids, and have a test of their own; administrators,
who manage accounts by name, are excluded. The same sweep shows that reading changes nothing.
"""

import io
import re
import zipfile
from datetime import date
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import features
from app.accounts.models import Role, User
from app.accounts.names import masked, public_name
from app.board import marks, places, service
from app.board.models import Comment, CommentState, thread_id
from app.board.orphans import leave_behind
from app.checkins import service as checkins
from app.checkins.models import CheckIn
from app.classes.models import Announcement, Class, ClassMember
from app.core import db
from app.core.redis import get_redis
from app.courses.models import Course, Lesson
from app.jobs.sharing import share
from app.notifications.mail import digest_mail
from app.notifications.models import MailAddress
from app.notifications.presenters import entries
from app.notifications.queries import notifications_of
from app.profiles import service as profiles
from tests import pages
from tests.factories import NO_ID, make_job, make_user
from tests.integration.conftest import ON_SQLITE, enter

# Masking happens above the database.
pytestmark = [pytest.mark.usefixtures("redis", "database"), ON_SQLITE]

LESSON = "/courses/tiny/lessons/00-start"
DAY = date(2026, 11, 30)
# Nothing else in Sophora contains this.
REAL_NAME = "Zwiebelfisch昊"
PRIVATE = ("zwiebelfisch", "Zwiebelfisch")

# Queries that decide whom a page names.
QUERIES = {
    **pages.QUERIES,
    "/courses/{course}/lessons/{slug}": (
        "",
        "?order=newest",
        "?comment={comment_id}",
        "?comment={reply_id}",
    ),
    "/search": ("?q=Zwiebelfisch", "?q=learning"),
    "/threads/{key}/chosen": ("?ids={comment_id}&ids={reply_id}",),
    "/board/people": (
        "?thread={key}&q=",
        "?thread={key}&q=Z",
        "?thread={key}&q=昊",
        "?thread=class&q=zwiebel",
    ),
    "/moderation/people": ("", "?name=*昊", "?name=小"),
}
ACCEPTED = ({}, {"X-Fragment": "1"}, {"Accept": "application/json"})
# What a classmate and a lecturer send; nearly every answer, or the page that it redirects to, names the hidden user.
_DEAR = "Dear @[x](user:{user_id}), hello again"
SENT_BY_READERS = (
    ("/threads/{key}/comments", {"body": _DEAR}),
    ("/threads/{key}/comments", {"body": "An answer to an answer again", "reply_to": "{reply_id}"}),
    ("/threads/{key}/comments", {"body": "", "reply_to": "{comment_id}"}),
    ("/threads/{key}/comments", {"body": _DEAR, "act": "preview", "reply_to": "{comment_id}"}),
    ("/comments/{own_id}/edit", {"body": _DEAR, "act": "preview"}),
    ("/comments/{own_id}/edit", {"body": _DEAR + "!"}),
    ("/comments/{comment_id}/likes", {"on": "true"}),
    ("/comments/{comment_id}/following", {"how": "follow"}),
    ("/comments/{comment_id}/reports", {"reason": "no reason"}),
    ("/check-ins/{check_in_id}/cheers?alone=true", {}),
)
SENT_BY_LECTURERS = (
    ("/comments/{comment_id}/pinning", {"on": "true"}),
    ("/comments/{comment_id}/featuring", {"on": "false"}),
)


@pytest.fixture
def hidden(session: Session) -> User:
    """A user who does everything visible, and shows no name."""
    return make_user(session, REAL_NAME)


@pytest.fixture
def reader(session: Session) -> User:
    return make_user(session, "Reader")


@pytest.fixture
def scene(client: TestClient, session: Session, course: Course, hidden: User, reader: User) -> dict[str, str]:
    """The hidden user has written, answered, been answered, liked, mentioned, shared, checked in; ids by path parameter."""
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
    found = Class(course_id=lesson.course_id, title="Monday", starts_on=DAY, ends_on=DAY, code="ABCDEFGH")
    session.add(found)
    session.flush()
    session.add_all(ClassMember(class_id=found.id, user_id=user.id) for user in (hidden, reader))
    session.add(Announcement(class_id=found.id, author_id=staff.id, text="Bring your laptops."))
    session.commit()
    for action in session.info.pop("after_commit"):
        action()
    return {
        "course": "tiny", "slug": "00-start", "lesson_id": str(lesson.id), "job_id": str(job.id), "key": place.key,
        "comment_id": str(comment.id), "reply_id": str(reply.id), "user_id": str(hidden.id),
        "own_id": str(theirs.id), "check_in_id": str(check_in.id), "thread_id": str(places.job_place(left).thread_id), "course_id": str(lesson.course_id),
        "class_id": str(found.id), "class_code": found.code, "module_id": str(lesson.module_id), "token": "0" * 32, "name": "model.tflite", "note_id": str(NO_ID), "card_id": str(NO_ID),
        "sweep_id": str(NO_ID),
    }  # fmt: skip


def _say(
    session: Session, user: User, place: places.ThreadHost, body: str, to: Comment | None = None
) -> Comment:
    return service.post(session, user, place, body, uuid4().hex, 60, reply_to_id=to.id if to else None)


def filled_in(text: str, scene: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: scene[match[1]], text)


def sweep(client: TestClient, scene: dict[str, str]) -> dict[str, str]:
    """All responses to one reader: the text by address and form."""
    found = {}
    for _route, address in pages.addresses(client.app, scene, QUERIES):
        for headers in ACCEPTED:
            answer = client.get(address, headers=headers)
            assert answer.status_code < 500, address
            found[f"{address} {headers}"] = _text(answer.content) + str(answer.headers)
    return found


def _text(content: bytes) -> str:
    if content.startswith(b"\x89PNG"):
        return content.decode(errors="replace")
    if not content.startswith(b"PK"):
        return content.decode()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "".join(name + archive.read(name).decode(errors="replace") for name in archive.namelist())


def leaks(found: dict[str, str]) -> list[str]:
    """Occurrences of the name, except where the search echoes its own query."""
    return [
        address
        for address, text in found.items()
        if "q=Zwiebelfisch" not in address and any(name in text for name in PRIVATE)
    ]


def lesson_in(found: dict[str, str]) -> str:
    return next(text for address, text in found.items() if address.startswith(f"{LESSON} "))


def show_name(user: User, *, shown: bool) -> None:
    with db.session_scope() as writing:
        profiles.show_name(writing, writing.get_one(User, user.id), shown=shown)


@pytest.fixture(params=["a classmate", "a lecturer", "a visitor"])
def asking(
    request: pytest.FixtureRequest, client: TestClient, session: Session, scene: dict[str, str], reader: User
) -> None:
    """`client` is each of them."""
    if request.param == "a classmate":
        enter(client, session, reader)
    elif request.param == "a lecturer":
        enter(client, session, make_user(session, "Mo", Role.LECTURER))


def test_no_output_shows_a_hidden_name(client: TestClient, scene: dict[str, str], asking: None) -> None:
    found = sweep(client, scene)
    assert leaks(found) == []
    assert "*昊" in lesson_in(found)


def test_reading_changes_nothing(client: TestClient, scene: dict[str, str], asking: None) -> None:
    before = stored()
    sweep(client, scene)
    after = stored()
    assert [name for name in before if before[name] != after[name]] == []


def stored() -> dict[str, list[str]]:
    """The rows of each table."""
    with db.session_scope(writes=False) as session:
        return {
            name: sorted(str(row) for row in session.execute(select(table)))
            for name, table in features.metadata.tables.items()
        }


@pytest.mark.parametrize("headers", [{}, {"X-Fragment": "1"}], ids=["pages", "fragments"])
def test_no_answer_to_a_form_shows_a_hidden_name(
    client: TestClient, session: Session, scene: dict[str, str], reader: User, headers: dict[str, str]
) -> None:
    found = {}
    for user, forms in (
        (reader, SENT_BY_READERS),
        (make_user(session, "Mo", Role.LECTURER), SENT_BY_LECTURERS),
    ):
        enter(client, session, user)
        for route, fields in forms:
            data = {name: filled_in(value, scene) for name, value in fields.items()}
            answer = client.post(filled_in(route, scene), data=data, headers=headers, follow_redirects=True)
            assert answer.status_code in {200, 422}, (route, answer.text)
            found[f"{route} {fields}"] = answer.text
    assert leaks(found) == []
    assert all("*昊" in text for address, text in found.items() if "/cheers" not in address)


def test_a_decision_and_its_undoing_show_no_hidden_name(
    client: TestClient, session: Session, scene: dict[str, str]
) -> None:
    with db.session_scope() as writing:
        writing.get_one(Comment, UUID(scene["comment_id"])).state = CommentState.WITHHELD
    enter(client, session, make_user(session, "Mo", Role.LECTURER))
    queue = client.get("/moderation").text
    fields = {"decision": "reject", "reason": "spam", "seen": re.search(r'"seen" value="([^"]+)"', queue)[1]}
    address = f"/moderation/comments/{scene['comment_id']}/decisions"
    decided = client.post(address, data=fields, headers={"X-Fragment": "1"}).text
    reversal = re.search(r"/moderation/acts/[\w-]+/reversal", decided)[0]
    undone = client.post(reversal, headers={"X-Fragment": "1"}).text
    assert leaks({"queue": queue, "decided": decided, "undone": undone}) == []
    assert all("*昊" in text for text in (queue, decided, undone))


def test_hiding_a_name_again_hides_it_everywhere(
    client: TestClient, session: Session, scene: dict[str, str], reader: User, hidden: User
) -> None:
    show_name(hidden, shown=True)
    enter(client, session, reader)
    for place in (thread_id(scene["key"]), UUID(scene["comment_id"])):
        with db.session_scope() as writing:
            service.keep_draft(writing, reader, place, f"Dear @[{REAL_NAME}](user:{hidden.id}), I")
    for _ in range(2):  # a repeated request is cached
        found = sweep(client, scene)
    assert f"Dear @{REAL_NAME}, I</textarea>" in lesson_in(found)
    client.cookies.clear()
    assert REAL_NAME in client.get(LESSON).text
    show_name(hidden, shown=False)
    assert leaks(sweep(client, scene)) == []
    enter(client, session, reader)
    found = sweep(client, scene)
    assert leaks(found) == []
    for page in (lesson_in(found), client.get(f"/comments/{scene['comment_id']}/reply").text):
        assert "Dear @*昊, I</textarea>" in page


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
    show_name(hidden, shown=True)
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
