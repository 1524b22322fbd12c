"""Hundreds of attempts to run a script from a name, a comment, an imported comment, a check-in, a report or a note: none runs, none fetches.

Every attempt is also the name of a student, in the database: more than the form for a new account lets through. The pages
that show them are visited with their scripts, under the content security policy and with the browser told to ignore it; and
every one of them, the last page of each list too, is read once more as a bare document without any policy.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from html import escape, unescape
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app import db, listeners  # noqa: F401 - whoever listens tells the reader of replies
from app.accounts.models import Role, User
from app.accounts.service import name_key, open_session
from app.board import service
from app.board.importing import import_comments
from app.board.models import Comment, CommentEdit, CommentReport, Thread, thread_id
from app.board.places import CLASS
from app.checkins.models import CheckIn, Source
from app.checkins.records import record_of
from app.clock import now
from app.courses.models import Course, ImportedComment, Lesson
from app.notes.models import Note
from app.search.index import index_note
from app.security.cookies import session_cookie_name
from tests import injections
from tests.browser.conftest import PATIENCE_MS, Classroom
from tests.browser.test_injection import Watch, _serving

# Without the character that no form lets through and PostgreSQL cannot store.
PAYLOADS = [payload.replace("\x00", "") for payload in injections.PAYLOADS]
EVERY = set(range(len(PAYLOADS)))
REPLIES_SHOWN = 3
A_BODY = 3500
FRAMES_A_PAGE = 60
# A name stands in the lists too; so many of the people's own pages are enough, each costs a visit.
PEOPLE_STEP = 4

# What an attempt needs to leave in a page to run later. Our own pages have none of it anywhere, and no form in a comment.
REMAINS = """(root) => [...(root ?? document).querySelectorAll("*")].flatMap((element) => [
  ...element.getAttributeNames().filter((name) => name.startsWith("on") || name === "srcdoc").map((name) => `${element.localName} ${name}`),
  ...["href", "xlink:href", "src", "action", "formaction", "data"].filter((name) =>
    /^[\\s\\u0000-\\u0020]*(javascript|vbscript|data|blob):/i.test(element.getAttribute(name) ?? "")).map((name) => `${element.localName} ${name}`),
  ...(["iframe", "object", "embed", "base", "animate", "set", "foreignobject", "marquee", "video", "audio"]
    .includes(element.localName.toLowerCase()) ? [element.localName] : []),
  ...(element.matches(":is(.comment-body, .told, .wall-entry, .note, .search-result) :is(script, style, link, meta, img)") ? [element.localName] : []),
])"""
IN_FRAMES = (
    f"() => [...document.querySelectorAll('iframe')].flatMap((frame) => ({REMAINS})(frame.contentDocument))"
)
# They would be missing in a frame, and cost a request each.
OUR_FILES = re.compile(r'<(?:link|script)[^>]* (?:href|src)="/static/[^>]*>')


@dataclass(frozen=True)
class Board:
    """Where the attempts are. The token is that of a lecturer, who may see all of them; `own` are comments of this one."""

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
        """Pages of single comments, whose bodies have all attempts one after the other."""
        return [
            f"/comments/{comment}{page}"
            for comment in self.own
            for page in ("/reply?quote=1", "/edit", "/history", "/replies")
        ]


@pytest.fixture(scope="module")
def board(classroom: Classroom) -> Iterator[Board]:
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
    """An attempt as a block, and inside a line; the number in front says on a page that it is there."""
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
        words = {"name": PAYLOADS[first], "body": _said(first), "replies": replies}
        session.add(ImportedComment(lesson_id=lesson.id, position=start, **words))
    session.commit()
    assert import_comments(session, lesson) == len(PAYLOADS)
    session.commit()
    return lesson


def _talk(session: Session, reader: User, students: Sequence[User]) -> list[UUID]:
    """On the class's board: the reader mentions three students, who reply; then says everything in a few comments."""
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
    """Every reply, with the attempt as the reporter's note."""
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


@pytest.fixture(params=[False, True], ids=["under the policy", "without the policy"])
def watch(
    request: pytest.FixtureRequest, browser: Browser, classroom: Classroom, board: Board
) -> Iterator[Watch]:
    """A browser of the lecturer's; one that ignores every policy runs inline scripts and handlers, as the first test shows."""
    context = browser.new_context(base_url=classroom.address, bypass_csp=request.param)
    context.set_default_timeout(PATIENCE_MS)
    context.add_cookies([{"name": session_cookie_name(), "value": board.token, "url": classroom.address}])
    yield Watch(context)
    context.close()


def test_only_the_policy_stops_what_gets_into_a_page(watch: Watch, request: pytest.FixtureRequest) -> None:
    page = watch.context.new_page()
    page.goto("/check-ins")
    page.evaluate("document.querySelector('main').innerHTML = '<img src=x onerror=pwned()>'")
    page.wait_for_timeout(200)
    assert bool(watch.ran) == ("without" in request.node.callspec.id)


def test_nothing_runs_where_pages_have_their_scripts(
    watch: Watch, classroom: Classroom, board: Board
) -> None:
    for address in [*board.lists, *board.others[:4], board.people[0], "/check-ins"]:
        page = watch.visit(classroom.url(address))
        if address in board.lists[:2]:
            _show_all(page)
        assert page.locator("main").count() == 1, address
        assert (watch.ran, watch.fetched, page.evaluate(REMAINS)) == ([], [], []), address
        page.close()


def _show_all(page: Page) -> None:
    """Press "more" until every comment is there."""
    more = page.locator("[data-more-link^='/threads']")
    while more.count():
        shown = page.locator("[data-comment]").count()
        more.click()
        page.wait_for_function(
            "(shown) => document.querySelectorAll('[data-comment]').length > shown", arg=shown
        )
    found = {int(number) for number in re.findall(r"attempt (\d+)\.", page.content())}
    assert found == EVERY


def test_nothing_runs_in_any_page_as_a_bare_document(
    browser: Browser, classroom: Classroom, board: Board
) -> None:
    """Each in a frame of its own, as it came from the server, on a page that has no policy."""
    context = browser.new_context(base_url=classroom.address)
    context.add_cookies([{"name": session_cookie_name(), "value": board.token, "url": classroom.address}])
    documents = []
    for address in board.lists:
        pages = list(_pages(context.request.get, address))
        numbers = {int(number) for html in pages for number in re.findall(r"attempt (\d+)\.", html)}
        assert numbers == EVERY, address
        documents += pages
    documents += [_read(context.request.get, address) for address in [*board.others, *board.people]]
    watch = Watch(context)
    for start in range(0, len(documents), FRAMES_A_PAGE):
        part = documents[start : start + FRAMES_A_PAGE]
        with _serving(
            "<main></main>" + "".join(f'<iframe srcdoc="{escape(html)}"></iframe>' for html in part)
        ) as address:
            page = watch.visit(address)
            assert len(page.frames) == 1 + len(part)
            assert (watch.ran, watch.fetched, page.evaluate(IN_FRAMES)) == ([], [], [])
            page.close()
    context.close()


def _pages(get, address: str) -> Iterator[str]:
    """A list's pages, one after the other."""
    while address:
        html = _read(get, address)
        yield html
        links = re.findall(r"<a [^>]*>", html[html.index("<main") :])
        marks = ('data-more-link="/threads',) if "#discussion" in html else ('rel="next"',)
        further = [link for link in links if any(mark in link for mark in marks)]
        address = unescape(re.search(r'href="([^"]*)"', further[-1])[1]) if further else ""


def _read(get, address: str) -> str:
    answer = get(address)
    assert answer.status == 200, f"{address}: {answer.status}"
    return OUR_FILES.sub("", answer.text())
