"""Comments below lessons, below shared trainings and on the board of the class; each rule by its name."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import db
from app.accounts.models import Role, User
from app.authoring.publication import publish
from app.board import assemble, counters, marks, places, service
from app.board.bodies import LONGEST
from app.board.cursors import Order
from app.board.importing import import_comments
from app.board.models import Comment, CommentDraft, CommentState, Thread
from app.board.pages import Discussion
from app.board.rendering import render_comment
from app.clock import now
from app.courses.column_import import column_course, read_column, save_column
from app.courses.models import Course, ImportedComment, Lesson
from app.courses.sanitize import MATHML
from app.errors import Conflict, Invalid, NotFound
from app.live import topic_key
from app.redis import get_redis
from tests import injections
from tests.factories import make_job, make_user
from tests.integration.conftest import enter
from tests.integration.test_statements import cost

pytestmark = pytest.mark.usefixtures("redis")

LESSON = "/courses/tiny/lessons/00-start"
FRAGMENT = {"X-Fragment": "1"}


@pytest.fixture
def place(session: Session, course: Course) -> places.Place:
    """Below the tiny course's first lesson."""
    lesson = session.scalar(select(Lesson).where(Lesson.slug == "00-start"))
    return places.find_place(session, None, f"lesson:{lesson.id}")


@pytest.fixture
def hao(session: Session) -> User:
    return committed(session, make_user(session, "小昊"))


@pytest.fixture
def lin(session: Session) -> User:
    return committed(session, make_user(session, "Lin", Role.LECTURER))


def committed(session: Session, user: User) -> User:
    """Seen by the server too, and holding no lock."""
    session.commit()
    return user


def say(
    session: Session, author: User, body: str, *, place: places.Place, to: Comment | None = None
) -> Comment:
    """Through the service, as a form does."""
    return service.post(session, author, place, body, uuid4().hex, 60, reply_to_id=to.id if to else None)


def write(client: TestClient, place: places.Place, body: str, **fields: str):
    data = {"body": body, "request_key": uuid4().hex} | fields
    return client.post(f"/threads/{place.key}/comments", data=data)


def shown(session: Session, place: places.Place, reader: User | None = None, **asked: object) -> Discussion:
    return assemble.discussion(session, reader, place, **asked)


def bodies(page: Discussion) -> list[str]:
    """The texts of the first level, as they are shown."""
    return [re.sub(r"<[^>]+>", "", str(entry.html)).strip() for entry in page.entries]


def many(session: Session, place: places.Place, user: User, count: int, **values: object) -> list[Comment]:
    """Comments in the place, a second apart, the newest last."""
    thread_id = service.open_thread(session, place)
    start = now() - timedelta(hours=1)
    comments = [
        Comment(
            thread_id=thread_id,
            author_id=user.id,
            body=f"comment {number}",
            html=f"<p>comment {number}</p>",
            created_at=start + timedelta(seconds=number),
            **values,
        )
        for number in range(count)
    ]
    session.add_all(comments)
    session.get_one(Thread, thread_id).comment_count += count
    session.commit()
    return comments


# Writing


def test_a_comment_below_a_lesson_is_shown_to_visitors(
    client: TestClient, place: places.Place, student: User
) -> None:
    answer = write(client, place, "Why is the **slope** negative here?")
    client.cookies.clear()
    page = client.get(LESSON).text
    assert answer.status_code == 303
    assert "Why is the <strong>slope</strong> negative here?" in page


def test_a_visitor_sees_a_new_comment_at_once_although_pages_are_kept_ready(
    client: TestClient, place: places.Place, session: Session, hao: User
) -> None:
    client.cookies.set("language", "en", domain="127.0.0.1", path="/")
    assert "Nobody has written" in client.get(LESSON).text
    session.commit()
    with db.session_scope() as scope:
        say(scope, hao, "Here I am, look at me", place=place)
    assert "Here I am, look at me" in client.get(LESSON).text


def test_a_visitor_must_sign_in_to_write(client: TestClient, place: places.Place) -> None:
    assert write(client, place, "I am nobody at all").status_code == 401


@pytest.mark.parametrize("body", ["short", "       x       ", "", "好的"])
def test_a_comment_has_eight_characters_at_least(
    client: TestClient, place: places.Place, student: User, body: str
) -> None:
    answer = write(client, place, body)
    assert answer.status_code == 422


@pytest.mark.parametrize("body", ["打卡", "day 1", "Day 12", "第3天", "第十二天！", "签到"])
def test_check_in_words_pass_although_they_are_short(
    client: TestClient, place: places.Place, student: User, body: str
) -> None:
    assert write(client, place, body).status_code == 303


def test_a_comment_has_4000_characters_at_most_and_comes_back_whole(
    client: TestClient, place: places.Place, student: User
) -> None:
    assert write(client, place, "x" * LONGEST).status_code == 303
    refused = write(client, place, "y" * (LONGEST + 1))
    assert refused.status_code == 422
    assert "y" * (LONGEST + 1) in refused.text


def test_the_same_form_sent_twice_stores_one_comment(
    client: TestClient, place: places.Place, student: User, session: Session
) -> None:
    first = write(client, place, "I press the button twice", request_key="k" * 32)
    second = write(client, place, "I press the button twice", request_key="k" * 32)
    assert first.headers["location"] == second.headers["location"]
    assert session.scalar(select(func.count(Comment.id))) == 1
    assert session.scalar(select(Thread.comment_count)) == 1


def test_the_same_form_with_another_text_is_another_comment(
    client: TestClient, place: places.Place, student: User, session: Session
) -> None:
    for body in ("I wrote this in one tab", "And that in another one") * 2:
        assert write(client, place, body, request_key="k" * 32).status_code == 303
    assert session.scalar(select(func.count(Comment.id))) == 2


def test_the_same_form_sent_ten_times_at_once_stores_one_comment(
    place: places.Place, session: Session, hao: User
) -> None:
    session.commit()

    def send(_number: int) -> object:
        with db.session_scope() as scope:
            user = scope.get_one(User, hao.id)
            return service.post(scope, user, place, "A very nervous finger", "n" * 32, 60).id

    with ThreadPoolExecutor(10) as pool:
        assert len(set(pool.map(send, range(10)))) == 1
    assert session.scalar(select(Thread.comment_count)) == 1


def test_a_preview_stores_nothing_and_keeps_what_was_typed(
    client: TestClient, place: places.Place, student: User, session: Session
) -> None:
    answer = write(client, place, "so $x^2$ is **it**", act="preview", request_key="p" * 32)
    assert answer.status_code == 200
    assert "<strong>it</strong>" in answer.text and "<math>" in answer.text
    assert "so $x^2$ is **it**" in answer.text and "p" * 32 in answer.text
    assert session.scalar(select(func.count(Comment.id))) == 0


def test_a_draft_is_there_again_and_gone_once_it_is_sent(
    client: TestClient, place: places.Place, student: User, session: Session
) -> None:
    draft = {"place": str(place.thread_id), "body": "half a thought of mine"}
    assert client.post("/board/drafts", data=draft).status_code == 204
    assert "half a thought of mine" in client.get(LESSON).text
    write(client, place, "half a thought of mine, and its end")
    assert session.scalar(select(func.count()).select_from(CommentDraft)) == 0


def test_each_place_has_a_draft_of_its_own(
    client: TestClient, place: places.Place, student: User, session: Session, hao: User
) -> None:
    comment = say(session, hao, "Something to be answered", place=place)
    session.commit()
    client.post("/board/drafts", data={"place": str(comment.id), "body": "an answer in the making"})
    assert "an answer in the making" not in client.get(LESSON).text
    assert "an answer in the making" in client.get(f"/comments/{comment.id}/reply").text


def test_an_emptied_draft_is_forgotten(place: places.Place, session: Session, hao: User) -> None:
    service.keep_draft(session, hao, place.thread_id, "soon gone")
    service.keep_draft(session, hao, place.thread_id, "  ")
    assert session.scalar(select(func.count()).select_from(CommentDraft)) == 0


# The safe subset of Markdown


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("`code` and **bold**", "<code>code</code> and <strong>bold</strong>"),
        ("$a_1$", "<math>"),
        ("```python\nx = 1\n```", 'class="language-python"'),
        ("> quoted", "<blockquote>"),
        ("1. one\n2. two", "<ol>"),
        ("[a](https://example.org)", 'rel="nofollow ugc noopener noreferrer"'),
    ],
)
def test_markdown_with_formulas_and_code_is_rendered(text: str, html: str) -> None:
    assert html in render_comment(text)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://example.org/a_b?c=1#d.", "https://example.org/a_b?c=1#d"),
        ("见 https://example.org/a。然后", "https://example.org/a"),
        ("（https://example.org/a）", "https://example.org/a"),
        ("看https://example.org/a，或者", "https://example.org/a"),
        ("看https://example.org/a这里", "https://example.org/a"),
        ("**http://example.org**", "http://example.org"),
    ],
)
def test_a_bare_address_is_a_link_and_ends_before_chinese(text: str, address: str) -> None:
    links = [attributes for tag, attributes in elements(render_comment(text)) if tag == "a"]
    assert links == [{"href": address, "rel": "nofollow ugc noopener noreferrer"}]


@pytest.mark.parametrize(
    "text",
    ["numpy.linalg.org", "me@example.org", "ftp://example.org", "//example.org", "`https://example.org`"],
)
def test_what_is_no_web_address_does_not_become_a_link(text: str) -> None:
    assert "<a" not in render_comment(text)


@pytest.mark.parametrize(
    "text",
    [
        "# heading",
        "![picture](https://example.org/a.png)",
        "<b>html</b>",
        "::: lab first\n:::",
        "heading\n===",
    ],
)
def test_what_does_not_belong_into_a_comment_stays_text(text: str) -> None:
    html = render_comment(text)
    assert not re.search(r"<(h\d|img|b|div|section)\b", html)


ALLOWED = (
    {"p", "br", "hr", "ul", "ol", "li", "blockquote", "pre", "code", "span", "em", "strong", "s", "a", "div"}
    | {"table", "thead", "tbody", "tr", "th", "td"}
    | MATHML
)


def elements(html: str) -> list[tuple[str, dict[str, str | None]]]:
    found: list[tuple[str, dict[str, str | None]]] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: found.append((tag, dict(attributes)))  # type: ignore[method-assign]
    parser.feed(html)
    return found


def test_no_payload_of_script_comes_through() -> None:
    for payload in injections.PAYLOADS:
        for tag, attributes in elements(render_comment(payload)):
            assert tag in ALLOWED, payload
            assert not {name for name in attributes if name.startswith("on") or name == "style"}, payload
            assert re.match(r"https?:|mailto:|/|#|$", attributes.get("href") or ""), payload


# Two levels


def test_a_reply_to_a_reply_hangs_on_the_same_comment_and_names_whom_it_answers(
    place: places.Place, session: Session, hao: User
) -> None:
    top = say(session, hao, "The first of us all", place=place)
    reply = say(session, make_user(session, "Ming"), "I answer the first", place=place, to=top)
    deeper = say(session, hao, "And I answer the answer", place=place, to=reply)
    assert (reply.parent_id, reply.reply_to_id) == (top.id, None)
    assert (deeper.parent_id, deeper.reply_to_id) == (top.id, reply.id)
    [entry] = shown(session, place).entries
    assert [e.answers for e in entry.replies] == [None, "*g"]


def test_a_comment_cannot_answer_one_of_another_place(
    place: places.Place, session: Session, hao: User
) -> None:
    elsewhere = say(session, hao, "On the board of the class", place=places.CLASS)
    with pytest.raises(Invalid):
        say(session, hao, "An answer that went astray", place=place, to=elsewhere)


def test_the_lecturers_reply_comes_first_and_carries_its_badge(
    client: TestClient, place: places.Place, session: Session, hao: User, lin: User
) -> None:
    top = say(session, hao, "What is a gradient, please?", place=place)
    say(session, make_user(session), "I do not know either", place=place, to=top)
    answer = say(session, lin, "It points uphill, as steeply as can be", place=place, to=top)
    session.commit()
    assert answer.is_answer
    [entry] = shown(session, place).entries
    assert entry.replies[0].id == answer.id
    assert "讲师回复" in client.get(LESSON).text or "Lecturer’s reply" in client.get(LESSON).text


def test_a_lecturer_who_answers_nobody_gives_no_answer(
    place: places.Place, session: Session, lin: User
) -> None:
    top = say(session, lin, "A word from me to all of you", place=place)
    again = say(session, lin, "And another one on top of it", place=place, to=top)
    assert not top.is_answer and not again.is_answer


# The order, and pages by key


def test_pinned_come_first_then_featured_then_the_most_liked(
    place: places.Place, session: Session, hao: User, lin: User
) -> None:
    _plain, liked, featured, pinned = many(session, place, hao, 4)
    service.like(session, make_user(session), liked.id)
    marks.feature(session, lin, featured)
    marks.pin(session, lin, pinned)
    assert bodies(shown(session, place)) == ["comment 3", "comment 2", "comment 1", "comment 0"]
    marks.pin(session, lin, pinned, False)
    assert pinned.rank == "0"
    assert bodies(shown(session, place)) == ["comment 2", "comment 1", "comment 3", "comment 0"]


def test_the_newest_first_where_the_reader_asks_for_it(
    place: places.Place, session: Session, hao: User
) -> None:
    old, _new = many(session, place, hao, 2)
    service.like(session, make_user(session), old.id)
    assert bodies(shown(session, place)) == ["comment 0", "comment 1"]
    assert bodies(shown(session, place, order=Order.NEWEST)) == ["comment 1", "comment 0"]


@pytest.mark.parametrize("order", list(Order))
def test_pages_by_key_show_each_comment_once(
    place: places.Place, session: Session, hao: User, lin: User, order: Order
) -> None:
    comments = many(session, place, hao, 45)
    for number, comment in enumerate(comments):
        comment.likes = number % 4
    marks.feature(session, lin, comments[7])
    session.commit()
    found, after, pages = [], "", 0
    while after is not None:
        page = shown(session, place, order=order, after=after)
        found += bodies(page)
        after, pages = page.next, pages + 1
    assert pages == 3
    assert sorted(found) == sorted(f"comment {number}" for number in range(45))
    assert found[0] == "comment 7"


def test_a_comment_that_comes_meanwhile_moves_no_page(
    place: places.Place, session: Session, hao: User
) -> None:
    many(session, place, hao, 30)
    first = shown(session, place, order=Order.NEWEST)
    say(session, make_user(session), "I came in between them", place=place)
    second = shown(session, place, order=Order.NEWEST, after=first.next)
    assert bodies(first) + bodies(second) == [f"comment {number}" for number in reversed(range(30))]


def test_the_link_to_more_comments_works_without_javascript(
    client: TestClient, place: places.Place, session: Session, hao: User
) -> None:
    many(session, place, hao, 25)
    page = client.get(LESSON).text
    link = re.search(r'href="([^"]+after=[^"]+)"', page)[1].replace("&amp;", "&")
    more = client.get(link.partition("#")[0]).text
    assert ">comment 24<" in page and ">comment 4<" not in page
    assert ">comment 4<" in more and ">comment 24<" not in more


def test_the_first_three_replies_are_in_the_page_and_the_rest_by_key(
    client: TestClient, place: places.Place, session: Session, hao: User
) -> None:
    [top] = many(session, place, hao, 1)
    replies = many(session, place, hao, 30, parent_id=top.id)
    top.replies = 30
    session.commit()
    [entry] = shown(session, place).entries
    assert [reply.id for reply in entry.replies] == [reply.id for reply in replies[:3]]
    found, after = [], entry.next_reply
    while after:
        part = client.get(f"/comments/{top.id}/replies?after={after}", headers=FRAGMENT).text
        found += re.findall(r'data-comment="([^"]+)"', part)
        link = re.search(r"after=([^\"]+)\"", part)
        after = link[1] if link else ""
    assert found == [str(reply.id) for reply in replies[3:]]


def test_a_cursor_that_nobody_gave_is_no_page(client: TestClient, place: places.Place) -> None:
    for after in ("nonsense", "1.2.3", "9.9.9.9.9", f"0.{10**40}.0.{10**40}.{uuid4().hex}"):
        assert client.get(f"{LESSON}?after={after}").status_code == 404


# Links to a comment


def test_the_link_to_a_comment_leads_to_the_first_page_where_it_stands_there(
    client: TestClient, place: places.Place, session: Session, hao: User
) -> None:
    comments = many(session, place, hao, 30)
    newest = client.get(f"/comments/{comments[29].id}")
    assert newest.headers["location"] == f"{LESSON}#comment-{comments[29].id}"


def test_the_link_to_a_deep_comment_opens_the_discussion_there(
    client: TestClient, place: places.Place, session: Session, hao: User
) -> None:
    deep = many(session, place, hao, 60)[5]
    address = client.get(f"/comments/{deep.id}").headers["location"]
    assert address == f"{LESSON}?comment={deep.id}#comment-{deep.id}"
    page = client.get(address.partition("#")[0]).text
    first = re.search(r'data-comment="([^"]+)"', page)[1]
    assert first == str(deep.id)
    assert f'comment-linked" id="comment-{deep.id}"' in page


def test_the_link_to_a_deep_reply_shows_it_inside_its_comment(
    client: TestClient, place: places.Place, session: Session, hao: User
) -> None:
    top = many(session, place, hao, 40)[3]
    reply = many(session, place, hao, 30, parent_id=top.id)[20]
    top.replies = 30
    session.commit()
    page = client.get(client.get(f"/comments/{reply.id}").headers["location"].partition("#")[0]).text
    assert re.findall(r'data-comment="([^"]+)"', page)[:2] == [str(top.id), str(reply.id)]


# Likes, featured


def test_a_like_counts_once_a_reader_and_can_be_taken_back(
    place: places.Place, session: Session, hao: User
) -> None:
    comment, reader = say(session, hao, "Something to be liked", place=place), make_user(session)
    for _ in range(2):
        service.like(session, reader, comment.id)
    assert comment.likes == 1
    for _ in range(2):
        service.take_like_back(session, reader, comment.id)
    assert comment.likes == 0


def test_nobody_likes_a_comment_of_their_own(place: places.Place, session: Session, hao: User) -> None:
    comment = say(session, hao, "I am really good at this", place=place)
    with pytest.raises(Conflict):
        service.like(session, hao, comment.id)


def test_fifty_likes_at_once_are_fifty(place: places.Place, session: Session, hao: User) -> None:
    comment = say(session, hao, "Everybody likes this one", place=place)
    readers = [make_user(session).id for _ in range(50)]
    session.commit()

    def like(reader: object) -> None:
        with db.session_scope() as scope:
            service.like(scope, scope.get_one(User, reader), comment.id)

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(like, readers))
    session.refresh(comment)
    assert comment.likes == 50


def test_only_staff_feature_and_pin(
    client: TestClient, place: places.Place, session: Session, student: User, hao: User, lin: User
) -> None:
    comment = say(session, hao, "Worth to be read by all", place=place)
    session.commit()
    assert client.post(f"/comments/{comment.id}/featuring", data={"on": "true"}).status_code == 403
    enter(client, session, lin)
    for act in ("featuring", "pinning"):
        assert client.post(f"/comments/{comment.id}/{act}", data={"on": "true"}).status_code == 303
    session.refresh(comment)
    assert (comment.is_featured, comment.is_pinned, comment.rank) == (True, True, "2")


def test_a_quotation_stands_in_the_reply_form(
    client: TestClient, place: places.Place, session: Session, student: User, hao: User
) -> None:
    comment = say(session, hao, "first line\nsecond line", place=place)
    session.commit()
    assert "&gt; first line\n&gt; second line\n" in client.get(f"/comments/{comment.id}/reply?quote=1").text


# Mentions


def test_a_mention_is_stored_by_id_and_shown_with_todays_public_name(
    client: TestClient, place: places.Place, session: Session, student: User, hao: User
) -> None:
    write(client, place, f"I agree with @[whatever](user:{hao.id}) here")
    stored = session.scalar(select(Comment))
    assert stored.body == f"I agree with @[](user:{hao.id}) here"
    assert f'href="/people/{hao.id}">@*昊</a>' in client.get(LESSON).text
    hao.shows_name = True
    session.commit()
    assert ">@小昊</a>" in client.get(LESSON).text


def test_a_form_says_whom_a_name_means_beside_the_text(
    client: TestClient, place: places.Place, session: Session, student: User, hao: User
) -> None:
    typed = {"mentions": f"@[*昊](user:{hao.id})"}
    previewed = write(client, place, "I agree with @*昊 here", act="preview", **typed).text
    assert ">\nI agree with @*昊 here</textarea>" in previewed
    assert f'name="mentions" value="{typed["mentions"]}"' in previewed
    assert f'<a class="mention" href="/people/{hao.id}">@*昊</a>' in previewed
    write(client, place, "I agree with @*昊 here", **typed)
    comment = session.scalar(select(Comment))
    assert comment.body == f"I agree with @[](user:{hao.id}) here"
    edited = client.get(f"/comments/{comment.id}/edit").text
    assert ">\nI agree with @*昊 here</textarea>" in edited and typed["mentions"] in edited


def test_a_draft_knows_whom_its_names_mean(
    client: TestClient, place: places.Place, student: User, hao: User
) -> None:
    typed = {"body": "half a word to @*昊", "mentions": f"@[*昊](user:{hao.id})"}
    client.post("/board/drafts", data={"place": str(place.thread_id)} | typed)
    page = client.get(LESSON).text
    assert ">\nhalf a word to @*昊</textarea>" in page and typed["mentions"] in page


def test_completion_offers_who_wrote_here_by_the_names_that_readers_see(
    client: TestClient, place: places.Place, session: Session, student: User, hao: User
) -> None:
    say(session, hao, "I wrote here before you", place=place)
    session.commit()

    def offered(typed: str) -> list[str]:
        found = client.get("/board/people", params={"thread": place.key, "q": typed}).json()
        return [person["name"] for person in found]

    assert offered("") == ["*昊"]
    assert offered("昊") == ["*昊"]
    assert offered("小") == [], "the hidden part of a name must not be found by trying"


def test_completion_offers_those_of_the_class_whose_names_are_shown(
    client: TestClient, session: Session, student: User, lin: User
) -> None:
    make_user(session, "Linus")
    session.commit()
    found = client.get("/board/people", params={"thread": "class", "q": "li"}).json()
    assert [person["name"] for person in found] == ["Lin"]


# States, as readers see them


def test_an_author_sees_the_own_pending_comment_and_nobody_else_does(
    client: TestClient, place: places.Place, session: Session, student: User, hao: User
) -> None:
    comment = say(session, student, "I wait for a moderator", place=place)
    counters.change_state(session, comment, CommentState.PENDING)
    session.commit()
    assert "I wait for a moderator" in client.get(LESSON).text
    enter(client, session, hao)
    assert "I wait for a moderator" not in client.get(LESSON).text
    assert client.get(f"/comments/{comment.id}").status_code == 404


def test_a_deleted_comment_leaves_a_stub_only_where_replies_hang_on_it(
    place: places.Place, session: Session, hao: User
) -> None:
    lonely = say(session, hao, "Nobody answers me at all", place=place)
    answered = say(session, hao, "Somebody answers this one", place=place)
    reply = say(session, make_user(session), "and this is the answer", place=place, to=answered)
    for comment in (lonely, answered):
        counters.change_state(session, comment, CommentState.DELETED)
    [stub] = shown(session, place).entries
    assert (stub.id, stub.is_stub, stub.name, stub.html, stub.author_id) == (answered.id, True, "", "", None)
    assert [entry.id for entry in stub.replies] == [reply.id]
    assert shown(session, place).count == 1


def test_the_counts_follow_every_change_of_state(place: places.Place, session: Session, hao: User) -> None:
    top = say(session, hao, "The first of us all", place=place)
    reply = say(session, hao, "And the reply of it", place=place, to=top)
    counts = []
    for state in ("withheld", "deleted", "visible", "rejected", "visible"):
        counters.change_state(session, reply, CommentState(state))
        counts.append((top.replies, shown(session, place).count))
    assert counts == [(0, 1), (0, 1), (1, 2), (0, 1), (1, 2)]


def test_a_state_that_somebody_else_has_changed_meanwhile_is_a_conflict(
    place: places.Place, session: Session, hao: User
) -> None:
    comment = say(session, hao, "Two moderators look at me", place=place)
    session.commit()
    with db.session_scope() as other:
        counters.change_state(other, other.get_one(Comment, comment.id), CommentState.WITHHELD)
    with pytest.raises(Conflict):
        counters.change_state(session, comment, CommentState.REJECTED)


# Places


def test_the_board_of_the_class_is_for_those_who_are_signed_in(
    client: TestClient, session: Session, student: User
) -> None:
    write(client, places.CLASS, "Who wants to learn together?")
    assert "Who wants to learn together?" in client.get("/board").text
    client.cookies.clear()
    assert client.get("/board").status_code == 303
    assert client.get("/threads/class/comments", headers=FRAGMENT).status_code == 404


def test_a_shared_training_can_be_seen_by_the_class_and_talked_about(
    client: TestClient, session: Session, student: User, hao: User
) -> None:
    job = make_job(session, student)
    session.commit()
    place = places.job_place(job)
    assert write(client, place, "Nobody can see me here").status_code == 404
    assert client.post(f"/jobs/{job.id}/sharing", data={"on": "true"}).status_code == 303
    enter(client, session, hao)
    page = client.get(f"/jobs/{job.id}")
    assert page.status_code == 200 and "*g" in page.text and "/cancellation" not in page.text
    assert client.post(f"/jobs/{job.id}/cancellation").status_code == 404
    assert write(client, place, "What a curve you have got").status_code == 303
    enter(client, session, student)
    assert "What a curve you have got" in client.get(f"/jobs/{job.id}").text


def test_a_training_that_is_not_shared_any_more_is_its_owners_alone(
    client: TestClient, session: Session, student: User, hao: User
) -> None:
    job = make_job(session, student, shared_at=now())
    session.commit()
    client.post(f"/jobs/{job.id}/sharing", data={"on": "false"})
    enter(client, session, hao)
    for path in ("", "/status", "/clone", "/events"):
        assert client.get(f"/jobs/{job.id}{path}").status_code == 404
    assert client.post(f"/jobs/{job.id}/sharing", data={"on": "true"}).status_code == 404


@pytest.mark.parametrize("key", ["nothing", "lesson:", f"lesson:{uuid4()}", f"job:{uuid4()}", "lesson:x"])
def test_a_place_that_does_not_exist_is_not_found(client: TestClient, student: User, key: str) -> None:
    assert client.get(f"/threads/{key}/comments", headers=FRAGMENT).status_code == 404


# Live


def test_watchers_of_a_thread_hear_of_a_new_comment_by_ids_only(
    client: TestClient, place: places.Place, session: Session, student: User
) -> None:
    answer = write(client, place, "Do you hear me out there?")
    [(_identity, fields)] = get_redis().xrange(topic_key(f"thread:{place.thread_id}"))
    assert fields[b"type"] == b"comment"
    assert json.loads(fields[b"data"]) == {"id": answer.headers["location"].split("/")[-1], "parent": None}


def test_a_pending_comment_is_announced_to_nobody(place: places.Place, session: Session, hao: User) -> None:
    for number in range(3):
        comment = say(session, hao, f"A comment to be rejected {number}", place=place)
        counters.change_state(session, comment, CommentState.REJECTED)
    session.commit()
    with db.session_scope() as scope:
        waiting = service.post(scope, scope.get_one(User, hao.id), place, "And now I wait", "w" * 32, 60)
    assert waiting.state == CommentState.PENDING
    assert get_redis().xlen(topic_key(f"thread:{place.thread_id}")) == 0


def test_a_page_that_was_away_hears_what_it_missed(
    client: TestClient, place: places.Place, session: Session, hao: User
) -> None:
    say(session, hao, "This was there before", place=place)
    moment = now()
    missed = say(session, make_user(session), "This came meanwhile", place=place)
    session.commit()
    found = client.get(f"/threads/{place.key}/news", params={"since": moment.isoformat()}).json()
    assert found == [{"id": str(missed.id), "parent": None}]
    chosen = client.get(f"/threads/{place.key}/chosen?ids={missed.id}", headers=FRAGMENT).text
    assert "This came meanwhile" in chosen


@pytest.mark.parametrize("topics", ["", "user:1", "job:1", "thread:x", ",".join(["user"] * 2 + ["all"])])
def test_nobody_follows_what_is_no_topic(client: TestClient, student: User, topics: str) -> None:
    assert client.get("/live", params={"topics": topics}).status_code == 404


def test_a_visitor_has_no_topic_of_a_user(client: TestClient) -> None:
    assert client.get("/live?topics=user", headers={"Accept": "text/event-stream"}).status_code in {401, 303}


# Imported comments


def test_the_comments_of_a_column_come_with_its_lesson(
    client: TestClient, session: Session, lin: User, redis: None
) -> None:
    text = (
        "# 一条线\n\n我们只做一件事：画一条直线。\n\n---\n\n### 精选评论\n\n##### **青：\n\n"
        "讲得很清楚，打卡第一天。\n\n###### &nbsp;&nbsp;&nbsp; 讲师回复：\n\n> 谢谢，坚持下去。\n\n##### *昊：\n\n第二条评论在这里。\n"
    )
    column = read_column("01 一条线.md", text.encode())
    column.sources["en.md"] = "We do one thing only: we draw a straight line.\n"
    course = column_course(session)
    save_column(session, course, "01 一条线.md", column)
    session.flush()
    lesson = session.scalar(select(Lesson).where(Lesson.slug == column.slug))
    stored = session.scalars(select(ImportedComment).order_by(ImportedComment.position)).all()
    assert stored, "the column has comments"
    publish(session, lin, lesson.id)
    session.commit()
    place = places.find_place(session, None, f"lesson:{lesson.id}")
    page = shown(session, place)
    assert [entry.name for entry in page.entries] == [one.name for one in stored]
    assert all(entry.is_featured and entry.is_imported for entry in page.entries)
    assert page.entries[0].replies[0].is_answer
    assert "讲得很清楚" in client.get(f"/courses/{course.slug}/lessons/{lesson.slug}").text


def test_importing_comments_again_changes_nothing(place: places.Place, session: Session, hao: User) -> None:
    lesson = session.scalar(select(Lesson).where(Lesson.id == place.lesson_id))
    session.refresh(lesson, ["course"])
    replies = [{"by": "讲师", "body": "是的，没错。"}]
    session.add(
        ImportedComment(lesson_id=lesson.id, position=1, name="**青", body="这里是评论。", replies=replies)
    )
    session.flush()
    assert [import_comments(session, lesson) for _ in range(3)] == [2, 0, 0]
    assert shown(session, place).count == 2


# Cost


def test_a_lesson_costs_no_more_for_many_comments(
    client: TestClient, place: places.Place, session: Session, student: User, hao: User
) -> None:
    client.get(LESSON)
    before = cost(client, LESSON)
    tops = many(session, place, hao, 60)
    for top in tops[-20:]:
        many(session, place, hao, 5, parent_id=top.id)
        top.replies = 5
    session.commit()
    assert cost(client, LESSON) == before <= 6


def test_a_comment_by_a_deleted_account_stays_readable(
    place: places.Place, session: Session, hao: User
) -> None:
    comment = say(session, hao, "I shall be gone tomorrow", place=place)
    comment.author_id = None
    session.flush()
    [entry] = shown(session, place).entries
    assert "gone tomorrow" in entry.html
    assert entry.name and "昊" not in entry.name


def test_a_comment_in_an_unpublished_lesson_is_not_found(
    client: TestClient, place: places.Place, session: Session, hao: User
) -> None:
    comment = say(session, hao, "The lesson goes away with me", place=place)
    session.get_one(Lesson, place.lesson_id).published_revision_id = None
    session.commit()
    assert client.get(f"/comments/{comment.id}").status_code == 404
    with pytest.raises(NotFound):
        places.find_place(session, None, place.key)
