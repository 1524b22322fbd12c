from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import Role, User
from app.board.models import Comment, CommentState
from app.board.own.editing import edit, tidy
from app.board.places import CLASS, lesson_place
from app.board.states import move
from app.core import db
from app.core.clock import now
from app.courses.models import Lesson
from app.notes import service as notes
from app.profiles.deletion import BEYOND_UNDO
from app.publishing.loader import load_course
from app.search import comments
from app.search.comments import AT_ONCE, find_comments, index_new_comments
from app.search.models import CommentWords, SearchEntry
from app.search.pages import SearchPage
from app.search.service import search
from app.search.tokens import query_groups
from tests.factories import make_user
from tests.integration.board.talk import say
from tests.integration.board.written import say as stored
from tests.integration.conftest import enter
from tests.integration.statements import statements

CHINESE = """\
损失是[卷积核]{term=kernel}之前的事。

## 梯度下降 {#descent}

沿着梯度的反方向走一小步，损失就会变小。学习率决定步子的大小。

## 卷积 {#convolution}

一个卷积核在图上滑动，和它盖住的地方相乘再相加。卷积神经网络里有许多卷积核。

## 池化 {#pooling}

最大池化只留下最大的数。它让卷积的结果变小，`model.fit(epochs=3)` 因此更快。
"""
ENGLISH = """\
The loss comes before the [kernel]{term=kernel}.

## Gradient descent {#descent}

A small step against the gradient makes the loss smaller. The learning rate sets the size of the step.

## Convolution {#convolution}

A kernel slides over the picture. Convolutional networks have many kernels, and running one is quick.

## Pooling {#pooling}

Max pooling keeps the largest number. It shrinks what a convolution gives, so `model.fit(epochs=3)` runs faster.
"""
LESSON = """\
title = { zh = "卷积神经网络", en = "Convolution" }
question = { zh = "怎样认出出现在任何位置的东西？", en = "How to recognise something anywhere?" }
minutes = 25

[[terms]]
key = "kernel"
zh = "卷积核"
en = "kernel"
definition = { zh = "在图上滑动的一小块权重。", en = "A small patch of weights that slides over a picture." }
"""


@pytest.fixture
def library(database: str, course_folder: Path) -> Path:
    """The tiny course, whose second lesson is about convolution."""
    for name, text in {"lesson.toml": LESSON, "quiz.toml": "", "zh.md": CHINESE, "en.md": ENGLISH}.items():
        (course_folder / "01-next" / name).write_text(text, encoding="utf-8")
    return load(course_folder)


def load(folder: Path) -> Path:
    with db.session_scope() as session:
        load_course(session, folder)
    return folder


@pytest.fixture
def find(session: Session, library: Path) -> Callable[..., SearchPage]:
    def find(query: str, language: str = "zh", user: User | None = None, page: int = 1) -> SearchPage:
        session.rollback()
        return search(session, user, query, page, language)

    return find


Find = Callable[..., SearchPage]


def places(page: SearchPage) -> list[str]:
    """Kind and anchor of each result, in order: the assertions below hold on both databases."""
    return [
        f"{result.kind} {result.address.partition('/lessons/')[2].partition('?')[0]}"
        for result in page.results
    ]


def text_of(pieces: list) -> str:
    return "".join(f"[{piece.text}]" if piece.is_marked else piece.text for piece in pieces)


def test_a_title_comes_first_then_the_term_then_headings_then_texts(find: Find) -> None:
    assert places(find("卷积")) == [
        "title 01-next",
        "term 01-next#term-kernel",
        "section 01-next#convolution",
        "section 01-next",
        "section 01-next#pooling",
    ]


def test_english_is_found_in_every_form_of_a_word(find: Find) -> None:
    for query in ("kernels", "kernel", "KERNEL"):
        assert places(find(query, "en")) == [
            "term 01-next#term-kernel",
            "section 01-next#convolution",
            "section 01-next",
        ], query
    for query in ("run", "runs", "running"):
        assert places(find(query, "en")) == ["section 01-next#convolution", "section 01-next#pooling"], query


def test_the_beginning_of_a_word_is_enough(find: Find) -> None:
    assert places(find("po", "en")) == ["section 01-next#pooling"]
    assert places(find("gradi", "en")) == ["section 01-next#descent"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("池化", "section 01-next#pooling"),
        ("步", "section 01-next#descent"),
        ("沿着", "section 01-next#descent"),
    ],
)
def test_two_chinese_characters_are_enough_and_one_is_too(find: Find, query: str, found: str) -> None:
    assert found in places(find(query))


def test_chinese_characters_have_to_stand_together_in_their_order(find: Find) -> None:
    assert places(find("网络里")) == ["section 01-next#convolution"]
    assert find("络网").found == "all" and not find("络网").results
    # Both pairs are there, but nowhere in one run.
    assert find("卷积池化").found == "some"


def test_every_word_has_to_be_there_and_common_ones_do_not_count(find: Find) -> None:
    assert places(find("kernel picture", "en")) == ["term 01-next#term-kernel", "section 01-next#convolution"]
    assert places(find("what is the pooling", "en")) == ["section 01-next#pooling"]


def test_where_nothing_has_all_words_what_comes_nearest_is_shown_and_said(find: Find) -> None:
    page = find("pooling kangaroo", "en")
    assert (page.found, places(page)) == ("some", ["section 01-next#pooling"])


def test_a_word_of_the_other_language_leads_to_the_same_section(find: Find) -> None:
    page = find("gradient", "zh")
    assert (page.found, places(page)) == ("other-language", ["section 01-next#descent"])
    assert page.results[0].lesson_title["zh"] == "卷积神经网络"


def test_terms_are_found_by_their_name_in_either_language(find: Find) -> None:
    page = find("kernel", "zh")
    assert (page.found, places(page)) == ("all", ["term 01-next#term-kernel"])


def test_full_width_letters_case_and_accents_make_no_difference(find: Find) -> None:
    assert (
        places(find("Ｐｏｏｌｉｎｇ", "en")) == places(find("póoling", "en")) == ["section 01-next#pooling"]
    )


def test_code_is_found_by_its_words(find: Find) -> None:
    assert places(find("model.fit epochs")) == ["section 01-next#pooling"]


@pytest.mark.parametrize(
    "query",
    [
        '"',
        "'",
        "a OR b",
        "NEAR(",
        "x* -y",
        "()",
        "&|!:*",
        "\\",
        "%_",
        "<->",
        "\ud800".encode("utf-8", "replace").decode(),
        "🦆",
        "x" * 5000,
        "词 " * 500,
    ],
)
def test_no_query_is_an_error(client: TestClient, library: Path, query: str) -> None:
    assert client.get("/search", params={"q": query}).status_code == 200


@pytest.mark.parametrize("query", ["\x00", "a\x00b"])
def test_a_null_character_is_refused_with_a_sentence(client: TestClient, library: Path, query: str) -> None:
    answer = client.get("/search", params={"q": query})
    assert answer.status_code == 400
    assert "无法读取" in answer.text


def test_an_excerpt_shows_and_marks_what_was_found(find: Find) -> None:
    assert (
        text_of(find("盖住").results[0].excerpt)
        == "一个卷积核在图上滑动，和它[盖住]的地方相乘再相加。卷积神经网络里有许多卷积核。"
    )
    assert text_of(find("running kernel", "en").results[0].excerpt).startswith(
        "A [kernel] slides over the picture. Convolutional networks have many [kernels], and [running] one"
    )


def test_marks_are_elements_and_what_stands_in_a_lesson_is_text(
    client: TestClient, session: Session, course_folder: Path
) -> None:
    (course_folder / "01-next" / "zh.md").write_text(
        "## 标签 {#tags}\n\n写作 `<script>alert(1)</script>` 的标签 & 别的。\n", encoding="utf-8"
    )
    (course_folder / "01-next" / "en.md").write_text("## Tags {#tags}\n\nTags.\n", encoding="utf-8")
    load(course_folder)
    text = client.get("/search", params={"q": "alert 标签"}).text
    assert "&lt;script&gt;<mark>alert</mark>(1)&lt;/script&gt; 的<mark>标签</mark> &amp; 别的。" in text
    reflected = client.get("/search", params={"q": "<img src=x onerror=alert(1)>"}).text
    assert "<img" not in reflected


def test_a_published_change_is_found_at_once_and_the_old_words_no_more(find: Find, library: Path) -> None:
    (library / "01-next" / "zh.md").write_text(CHINESE.replace("池化", "汇聚"), encoding="utf-8")
    load(library)
    assert places(find("汇聚")) == ["section 01-next#pooling"]
    assert not find("池化").results


def test_loading_the_same_again_leaves_one_of_each_entry(session: Session, find: Find, library: Path) -> None:
    before = session.scalar(select(func.count(SearchEntry.id)))
    session.rollback()
    load(library)
    session.rollback()
    assert session.scalar(select(func.count(SearchEntry.id))) == before > 0


def test_an_unpublished_lesson_is_not_found(session: Session, find: Find) -> None:
    with db.session_scope() as writing:
        writing.scalar(select(Lesson).where(Lesson.slug == "01-next")).published_revision_id = None
    assert not find("卷积").results
    session.rollback()
    left = session.scalars(
        select(Lesson.slug).join(SearchEntry, SearchEntry.lesson_id == Lesson.id).distinct()
    ).all()
    assert left == ["00-start"]


def test_a_removed_lesson_takes_its_entries_along(session: Session, find: Find) -> None:
    with db.session_scope() as writing:
        writing.delete(writing.scalar(select(Lesson).where(Lesson.slug == "01-next")))
    assert not find("卷积").results


def test_own_notes_are_found_and_nobody_elses(session: Session, find: Find) -> None:
    ming, lan = make_user(session, "Ming"), make_user(session, "Lan")
    lesson = session.scalar(select(Lesson).where(Lesson.slug == "01-next"))
    note = notes.add_note(
        session, ming, lesson.id, "zh", notes.Passage("最大池化", "", "", "pooling"), "像找山顶一样，袋鼠也懂"
    )
    session.commit()
    assert [result.address for result in find("袋鼠", user=ming).results] == [
        f"/courses/tiny/lessons/01-next?note={note.id}#pooling"
    ]
    assert find("袋鼠", "en", user=ming).total == 1
    assert not find("袋鼠", user=lan).results
    assert not find("袋鼠").results


def test_a_note_comes_after_headings_and_before_texts(session: Session, find: Find) -> None:
    ming = make_user(session, "Ming")
    lesson = session.scalar(select(Lesson).where(Lesson.slug == "01-next"))
    notes.add_note(session, ming, lesson.id, "zh", notes.Passage(), "池化要再看一遍")
    session.commit()
    assert places(find("池化", user=ming)) == ["section 01-next#pooling", "note 01-next"]
    assert places(find("学习率", user=ming)) == ["section 01-next#descent"]


def test_a_changed_note_is_found_by_its_new_words_and_a_deleted_one_not_at_all(
    session: Session, find: Find
) -> None:
    ming = make_user(session, "Ming")
    lesson = session.scalar(select(Lesson).where(Lesson.slug == "01-next"))
    note = notes.add_note(session, ming, lesson.id, "zh", notes.Passage(), "袋鼠")
    notes.change_note(session, ming, note.id, "考拉")
    session.commit()
    assert (find("袋鼠", user=ming).total, find("考拉", user=ming).total) == (0, 1)
    notes.delete_note(session, ming, note.id)
    session.commit()
    assert find("考拉", user=ming).total == 0
    notes.restore_note(session, ming, note.id)
    session.commit()
    assert find("考拉", user=ming).total == 1


def test_many_results_come_in_pages(session: Session, find: Find, client: TestClient) -> None:
    ming = make_user(session, "Ming")
    lesson = session.scalar(select(Lesson).where(Lesson.slug == "01-next"))
    for number in range(23):
        notes.add_note(session, ming, lesson.id, "zh", notes.Passage(), f"袋鼠 {number}")
    session.commit()
    pages = [find("袋鼠", user=ming, page=number) for number in (1, 2, 3)]
    assert [len(page.results) for page in pages] == [10, 10, 3]
    assert (pages[0].total, pages[0].pages) == (23, 3)
    assert len({text_of(result.excerpt) for page in pages for result in page.results}) == 23
    assert find("袋鼠", user=ming, page=99).number == 3
    assert find("袋鼠", user=ming, page=-1).number == 1


def test_nothing_found_offers_the_terms_of_the_course(client: TestClient, library: Path) -> None:
    for query in ("", "袋鼠", "kangaroo"):
        text = client.get("/search", params={"q": query}).text
        assert 'href="/search?q=%E5%8D%B7%E7%A7%AF%E6%A0%B8"' in text, query


def test_every_result_leads_to_a_page_that_has_its_anchor(client: TestClient, find: Find) -> None:
    for query in ("卷积", "数字", "梯度"):
        for result in find(query).results:
            address, _, anchor = result.address.partition("#")
            answer = client.get(address)
            assert answer.status_code == 200
            assert not anchor or f'id="{anchor}"' in answer.text


def test_searching_too_often_is_slowed_down(
    configure: Callable[..., None], client: TestClient, library: Path
) -> None:
    configure(rate_limits="true")
    answers = [client.get("/search", params={"q": "卷积"}).status_code for _ in range(61)]
    assert answers == [200] * 60 + [429]


def test_every_page_has_the_search_field(client: TestClient, library: Path) -> None:
    for address in ("/", "/courses/tiny/lessons/00-start", "/sign-in"):
        text = client.get(address).text
        assert '<form class="site-search" action="/search" method="get" role="search"' in text, address


@pytest.mark.parametrize(
    ("query", "language"),
    [
        ("卷积核是什么", "zh"),
        ("什么是卷积核？", "zh"),
        ("请问卷积核有什么用呢", "zh"),
        ("为什么要用卷积核？", "zh"),
        ("what is a convolution kernel", "en"),
        ("What's a kernel?", "en"),
        ("how do kernels work", "en"),
        ("why do we need a kernel in a network", "en"),
        ("what is a kernel", "zh"),
        ("ｗｈａｔ ｉｓ ａ ｋｅｒｎｅｌ", "en"),
    ],
)
def test_a_whole_question_finds_the_term_then_its_lesson(find: Find, query: str, language: str) -> None:
    page = find(query, language)
    assert page.found == "all"
    assert places(page)[:2] == ["term 01-next#term-kernel", "title 01-next"]


@pytest.mark.parametrize(
    ("query", "language"),
    [("学习率怎么选", "zh"), ("how do I choose the learning rate", "en"), ("学习率有多大？怎么设置", "zh")],
)
def test_a_question_about_what_is_no_term_finds_the_section(find: Find, query: str, language: str) -> None:
    assert places(find(query, language))[0] == "section 01-next#descent"


def test_a_question_without_a_subject_is_looked_for_as_it_is(find: Find) -> None:
    assert places(find("how to recognise something", "en"))[:1] == ["title 01-next"]
    assert find("怎么办").results == []


def _comment_page(client: TestClient, query: str) -> str:
    page = client.get("/search", params={"q": query}).text
    return page.partition('class="search-comments"')[2].partition("</section>")[0]


def test_comments_are_found_with_author_and_place_and_only_what_may_be_seen(
    client: TestClient, session: Session, library: Path, redis: object
) -> None:
    lesson = session.scalars(
        select(Lesson).where(Lesson.slug == "01-next").options(joinedload(Lesson.course))
    ).one()
    author = make_user(session, name="Zwiebelfisch")
    below = say(
        session,
        author,
        "Running kangaroos [jump](https://a.example) over my kernel",
        place=lesson_place(lesson),
    )
    on_board = stored(session, author, "A kangaroo on the board of the class")
    for state in set(CommentState) - {CommentState.VISIBLE}:
        stored(session, author, f"Hidden kangaroo, {state}", state=state)
    session.commit()
    index_new_comments(None)
    client.cookies.set("language", "en", domain="127.0.0.1", path="/")
    found = _comment_page(client, "kangaroo")
    assert f"/comments/{below.id}" in found and "Convolution" in found and "*h" in found
    assert "Zwiebelfisch" not in found and f"/comments/{on_board.id}" not in found and "Hidden" not in found
    assert f"/comments/{below.id}" in _comment_page(client, "kangaroo run")
    assert not _comment_page(client, "user") and not _comment_page(client, "example kangaroo")
    enter(client, session, make_user(session))
    found = _comment_page(client, "what is a kangaroo?")
    assert f"/comments/{on_board.id}" in found and "board" in found and "Hidden" not in found


def _words(session: Session, comment_id: UUID) -> str | None:
    return session.scalar(select(CommentWords.words).where(CommentWords.comment_id == comment_id))


def test_a_comment_is_found_by_what_it_says_now_and_not_once_it_is_hidden_or_gone(
    client: TestClient, session: Session, library: Path, redis: object
) -> None:
    author, lecturer = make_user(session), make_user(session, role=Role.LECTURER)
    comment = stored(session, author, "A wombat, 卷积核很有趣, on the board", title="Of burrows")
    session.commit()
    enter(client, session, author)
    for query in ("wombats", "burrow", "积核", "趣"):
        assert f"/comments/{comment.id}" in _comment_page(client, query), query
    with db.session_scope() as change:
        edit(
            change, change.get_one(User, author.id), comment.id, "An echidna, on the board", title="Of spines"
        )
    assert _comment_page(client, "echidna spines") and not _comment_page(client, "wombat")
    with db.session_scope() as change:
        hidden = change.get_one(Comment, comment.id)
        move(change, change.get_one(User, lecturer.id), hidden, CommentState.WITHHELD, "hold", "spam")
    assert not _comment_page(client, "echidna")
    with db.session_scope() as change:
        shown = change.get_one(Comment, comment.id)
        move(change, change.get_one(User, lecturer.id), shown, CommentState.VISIBLE, "approve")
    assert _comment_page(client, "echidna")
    with db.session_scope() as change:
        gone = change.get_one(Comment, comment.id)
        move(
            change,
            change.get_one(User, author.id),
            gone,
            CommentState.DELETED,
            "delete",
            "by its author",
            moment=now() - BEYOND_UNDO,
        )
        gone.deleted_at = now() - BEYOND_UNDO
    with db.session_scope() as change:
        assert tidy(change) == 1
    assert _words(session, comment.id) is None


def test_a_new_comment_is_found_some_seconds_after_it_was_posted_and_no_words_are_stored_of_what_changed_meanwhile(
    client: TestClient, session: Session, library: Path, redis: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    author = make_user(session, role=Role.LECTURER)
    kept, edited, gone = (
        say(session, author, f"A numbat, {name}", place=CLASS) for name in ("kept", "edited", "gone")
    )
    session.commit()
    enter(client, session, author)
    assert not _comment_page(client, "numbat")
    words_of = comments._words_of

    def words_while_others_write(title: str | None, html: str) -> str:
        monkeypatch.setattr(comments, "_words_of", words_of)
        with db.session_scope() as change:
            edit(change, change.get_one(User, author.id), edited.id, "A bilby in its burrow")
            change.get_one(Comment, gone.id).html = ""
        return words_of(title, html)

    monkeypatch.setattr(comments, "_words_of", words_while_others_write)
    assert index_new_comments(None) == 1
    found = _comment_page(client, "numbat")
    assert f"/comments/{kept.id}" in found and str(edited.id) not in found and str(gone.id) not in found
    assert str(edited.id) in _comment_page(client, "bilby")
    assert index_new_comments(None) == 0 == index_new_comments(now() + timedelta(days=1))


def test_what_everybody_says_costs_no_more_to_find_and_older_ones_are_found_behind_hidden_ones(
    session: Session, library: Path
) -> None:
    author = make_user(session)
    first = stored(session, author, "A platypus, the very first", ago=timedelta(days=9))
    for number in range(2 * AT_ONCE):
        stored(session, author, f"Hidden platypus, number {number}", state=CommentState.WITHHELD)
    session.commit()
    groups = query_groups("platypus")
    assert [found.id for found in find_comments(session, author, groups, 8)] == [first.id]
    for number in range(3 * AT_ONCE):
        stored(session, author, f"A platypus, number {number}")
    session.commit()
    with statements() as asked:
        assert len(find_comments(session, author, groups, 8)) == 8
    assert len(asked) <= 3
