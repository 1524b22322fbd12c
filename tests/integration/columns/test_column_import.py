"""Lessons exported from a column site become drafts, with their comments; nothing is lost, nothing is published."""

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from app.cli import cli
from app.columns.column_import import ColumnLesson, column_course, read_column, save_column
from app.columns.outside_pictures import allow_pictures, pictures_by_host
from app.columns.reading.html_to_markdown import html_to_markdown
from app.core import db, storage
from app.courses.models import Course, ImportedComment, Lesson, LessonDraft, LessonRevision
from app.markup.context import Context
from app.markup.lesson_markdown import render_lesson, render_short
from app.publishing.sources import parse_lesson, parse_quiz
from tests import injections

COLUMNS = Path(__file__).parents[2] / "columns"


def read(name: str) -> ColumnLesson:
    return read_column(name, (COLUMNS / name).read_bytes())


def remarks(column: ColumnLesson) -> list[str]:
    return [str(remark) for remark in column.remarks]


def markdown_of(html: str) -> str:
    return html_to_markdown(html, 1, lambda *_: None, lambda _: None)


def save(*files: tuple[str, ColumnLesson]) -> list[str]:
    with db.session_scope() as session:
        return [save_column(session, column_course(session), name, column).outcome for name, column in files]


# Reading


def test_a_lesson_becomes_clean_markdown() -> None:
    assert read("line.md").sources["zh.md"] == (
        "同学你好，这一讲我们只做一件事：让一条直线自己找到位置。\n\n"
        "## 为什么先学直线？\n\n"
        "直线只有两个**参数**，你可以**用手调**，也可以让程序来调。\n\n"
        '![](https://img.example.com/i/line.png "图 1：一条待调整的直线")\n\n'
        "- **斜率**。它决定直线有多陡。\n- **截距**。它决定直线有多高。\n\n"
        "试一试，然后在留言区告诉我你的结果。\n"
    )


def test_comments_keep_masked_names_bodies_and_replies_in_their_places() -> None:
    comments = [(c.name, c.text, [(r.by, r.text) for r in c.replies]) for c in read("line.md").comments]
    assert comments == [
        ("**青", "第 3 天打卡，终于看懂损失是怎么降下来的了！", []),
        (
            "*川",
            "老师，学习率到底该怎么选？我每次都靠猜😂",
            [
                (
                    "讲师",
                    "先从 0.01 开始，每次换十倍，看曲线再决定。\n\n只看最后一个数字是不够的，要看整条曲线。",
                )
            ],
        ),
        ("**2046", "day 3", []),
        ("**岚", "请问用 <b>表格</b> 数据也能这样做吗？", [("讲师", "可以的，第 17 讲会专门讲。")]),
    ]


def test_names_may_hold_anything_and_bodies_may_go_on_in_any_way() -> None:
    column = read("nasty-comments.md")
    names = [comment.name for comment in column.comments]
    assert names == ["**W", "*#>：:", "**", "**😀🇨🇳", "**代码控", "**无字", "**尾"]
    by_name = dict(zip(names, column.comments, strict=True))
    assert by_name["**😀🇨🇳"].body.startswith("第一行\n第二行没有大于号\n\n第二段")
    assert [(r.by, r.body) for r in by_name["**😀🇨🇳"].replies] == [
        ("讲师", "第一次回复\n接着说\n\n再接着说，没有大于号"),
        ("编辑", "第二次回复"),
    ]
    assert by_name["**代码控"].text == "```python\n# 这不是标题\n##### 这也不是\nx = 1\n```\n完"
    assert [r.body for r in by_name["**代码控"].replies] == ["同一行的回复"]
    assert "line 49: the comment of **无字 has no text" in remarks(column)


def test_a_rule_inside_the_lesson_does_not_begin_the_comments() -> None:
    column = read("nasty-comments.md")
    assert (
        '* * *\n\n```python\n---\nx = [i for i in range(3)]  # 注释\nprint("<b>")\n```'
        in column.sources["zh.md"]
    )
    text = "<p>一</p>\n\n---\n\n<p>二</p>\n\n---\n\n##### *丙：\n> 三\n"
    column = read_column("a.md", text.encode())
    assert "二" in column.sources["zh.md"] and [c.body for c in column.comments] == ["三"]


def test_characters_that_mean_something_in_markdown_stay_characters() -> None:
    source = "a*b*c _d_ `e` [f](g) $h$ 1 < 2 &amp;amp; {i} ~~j~~ | k # l ![m] \\n <class 'int'>"
    rendered = re.sub(r"<[^>]+>", "", render_short(markdown_of(f"<p>{source}</p>")))
    assert (
        rendered.strip()
        == "a*b*c _d_ `e` [f](g) $h$ 1 &lt; 2 &amp;amp; {i} ~~j~~ | k # l ![m] \\n &lt;class 'int'&gt;"
    )


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<h2>A</h2><h4>B</h4><h3>C</h3>", "## A\n\n#### B\n\n### C\n"),
        (
            "<p># a</p><p>1. b</p><p>- c</p><p>&gt; d</p><p>::: e</p><p>---</p>",
            "\\# a\n\n1\\. b\n\n\\- c\n\n\\> d\n\n\\::: e\n\n\\---\n",
        ),
        ("<p>a<br>b<br><br>c</p>", "a\\\nb\n\nc\n"),
        ("<p><strong>a</strong><strong>b</strong> <b><strong>c</strong></b></p>", "**ab** **c**\n"),
        ("<p><strong> “a” </strong>b</p>", "**“a”** b\n"),
        ("<ol start=3><li>a<li><p>b</p></ol>", "3. a\n4. b\n"),
        ("<ul><li>a<ul><li>b</li></ul></li></ul>", "- a\n\n  - b\n"),
        ("<blockquote>a<p>b</p></blockquote>", "> a\n>\n> b\n"),
        (
            "<table><tr><th>a</th><th>b|c</th></tr><tr><td>1</td></tr></table>",
            "| a | b\\|c |\n| --- | --- |\n| 1 |  |\n",
        ),
        ("<pre class=lang-python>a\n  &lt;b&gt;\n</pre>", "```python\na\n  <b>\n```\n"),
        ("<pre>```</pre>", "````text\n```\n````\n"),
        ('<p><a href="https://a.example/(x)" onclick=y>a</a></p>', "[a](<https://a.example/(x)>)\n"),
        ('<p>a<img src=//b.example/c.png alt="d">e</p>', "a![d](https://b.example/c.png)e\n"),
        ('<p>看图：<img src=//b.example/c.png alt="d"></p>', "看图：\n\n![d](https://b.example/c.png)\n"),
        ("<div><div>a</div>b</div>c", "a\n\nb\n\nc\n"),
    ],
)
def test_html_becomes_the_markdown_that_one_would_write(html: str, expected: str) -> None:
    assert markdown_of(html) == expected


def test_pictures_load_nothing_until_somebody_follows_their_link() -> None:
    html = "".join(s["html"] for s in render_lesson(read("line.md").sources["zh.md"], Context()).segments)
    assert "<img" not in html and 'class="picture-link" href="https://img.example.com/i/line.png"' in html


def test_a_picture_inside_the_file_becomes_a_file_of_the_lesson() -> None:
    pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    column = read_column("a.md", f'<p><img alt="a dot" src="data:image/png;base64,{pixel}"></p>'.encode())
    assert column.sources["zh.md"] == "![a dot](figures/picture-1.png)\n"
    assert column.pictures["figures/picture-1.png"].startswith(b"\x89PNG")


def test_what_does_not_fit_is_reported_with_its_line() -> None:
    found = remarks(read("broken-html.md"))
    for expected in (
        "there is no comments section",
        "line 5: <i> is not closed",
        "line 9: the picture https://img.example.com/a b.png has no alternative text: say what it shows",
        "line 9: a picture without an address on the web was left out: images/local.png",
        "line 10: a cell of this table spans several; Markdown has no such cells",
        'line 12: <script> was left out: alert("不该运行")',
        "line 13: <custom-tag> is no element of HTML and stays as text",
        "line 14: <iframe> became a link",
        "line 17: </section> closes nothing",
    ):
        assert expected in found


def test_a_broken_file_keeps_its_words_in_their_order() -> None:
    text = read("broken-html.md").sources["zh.md"]
    words = [
        "散落在外面的文字",
        "没有关上的段落",
        "又斜",
        "深处",
        "二之一",
        "三",
        "八的第二段",
        "本地图",
        "98%",
        "引用二段",
        "自定义",
        "不是列表",
        "没有关上的注释",
        "结尾",
    ]
    places = [text.index(word) for word in words]
    assert places == sorted(places)
    assert "不该运行" not in text and "onclick" not in text


def test_windows_line_ends_and_other_encodings_are_read() -> None:
    windows = read("windows.md")
    assert windows.sources["zh.md"] == "第一段，换了一行。\n\n## 小节\n\n第二段\n"
    assert [(c.name, c.body, c.replies[0].body) for c in windows.comments] == [
        ("**乙", "上一行\n下一行", "好的")
    ]
    text = (COLUMNS / "line.md").read_text(encoding="utf-8")
    assert (
        read_column("line.md", b"\xef\xbb\xbf" + text.replace("\n", "\r").encode()).sources
        == read("line.md").sources
    )
    old = read_column("line.md", text.encode("gb18030"))
    assert old.sources == read(
        "line.md"
    ).sources and "the file is not UTF-8; it was read as GB 18030" in remarks(old)


def test_comments_without_a_rule_and_text_that_is_nobodys_are_kept_and_reported() -> None:
    column = read_column(
        "a.md",
        "<p>课</p>\n\n### 精选评论\n\n迷路的话\n\n##### **丁\n> 没有冒号\n\n##### **戊：同一行\n".encode(),
    )
    assert [(c.name, c.body) for c in column.comments] == [("**丁", "没有冒号"), ("**戊", "同一行")]
    assert "迷路的话" in column.sources["zh.md"]
    assert any(r.startswith("line 3: the comments begin here without") for r in remarks(column))
    assert any(r.startswith("line 5: this text belongs to no comment") for r in remarks(column))
    assert "line 7: there is no colon after the name **丁" in remarks(column)


def test_the_title_comes_from_a_first_heading_or_from_the_files_name() -> None:
    assert parse_lesson(read("broken-html.md").sources["lesson.toml"]).title.zh == "一份写坏了的稿子"
    column = read_column('03 | 线性"回归".md', b"<p>a</p>")
    assert (parse_lesson(column.sources["lesson.toml"]).title.zh, column.slug) == ('线性"回归"', "03")
    assert (
        read_column("线性回归.md", b"").slug
        == read_column("线性回归.md", b"a").slug
        != read_column("卷积.md", b"").slug
    )


_HTML = [
    "<p>", "</p>", "<p class='' data-nodeid=1>", "<div>", "</div>", "<b>", "</b>", "<strong>", "</strong>", "<i>", "</i>", "<del>", "</del>", "<code>", "</code>",
    "<pre>", "</pre>", "<ul>", "</ul>", "<ol>", "</ol>", "<li>", "</li>", "<h3>", "</h3>", "<h5>", "<table>", "</table>", "<tr>", "<td>", "<th>", "</td>", "</tr>",
    "<blockquote>", "</blockquote>", "<br>", "<br/>", "<hr>", "<a href=https://a.example/x>", "</a>", "<img src=https://a.example/x.png>", "<span>", "</span>",
    "<script>", "</script>", "<style>", "</style>", "<!--", "-->", "<!doctype html>", "<![CDATA[", "]]>", "<?php", "?>", "<!x", "<iframe>", "</iframe>", "<video>",
    "<textarea>", "</textarea>", "<title>", "<plaintext>", "<xmp>", "</xmp>", "<svg>", "</svg>", "<math>", "<custom-x>", "<", "<class int>", "&lt;", "&nbsp;", "&amp;", "&#0;",
    "<dl>", "<dt>", "<dd>", "<details>", "<summary>", "<center>", "<figure>", "<figcaption>", "<sup>", "<select>", "<option>", "<button>", "<template>", "</template>",
]  # fmt: skip
_TEXT = ["\n", "\n\n", "\n---\n", "\n### 精选评论\n", "\n##### **x：\n", "\n##### *：\n", "\n###### &nbsp; 讲师回复：\n", "\n> ", "\n> &nbsp;", "\n#", " * ", "**", "_", "`", "```", "\n```\n",
    "$", "$$", "[", "]", "(", ")", "{", "}", "|", "\n|---|\n", "~~", "\\", "!", "\n1. ", "\n- ", "\n    ", ":::", "\n::: tip\n", "“", "”", "。", "文", "\t", "\x00", "\x01", "\r", "\u2028", "😀"]  # fmt: skip


@st.composite
def files(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A file of scrambled markup, and the words in it; a > precedes each, so that none is inside a tag."""
    parts = draw(
        st.lists(st.one_of(st.sampled_from(_HTML), st.sampled_from(_TEXT), st.just("WORD")), max_size=40)
    )
    words: list[str] = []
    for index, part in enumerate(parts):
        if part == "WORD":
            words.append(f"w{len(words)}x")
            parts[index] = f" > {words[-1]} "
    return "".join(parts), words


def _everything(column: ColumnLesson) -> str:
    """All that becomes of a file: the parsed lesson, comments, replies, and the report."""
    html = "".join(s.get("html", "") for s in render_lesson(column.sources["zh.md"], Context()).segments)
    comments = [
        text for c in column.comments for text in (c.name, c.body, *(f"{r.by} {r.body}" for r in c.replies))
    ]
    title = parse_lesson(column.sources["lesson.toml"]).title.zh
    return "\n".join([title, re.sub(r"<[^>]*>", " ", html), *comments, *remarks(column)])


@pytest.mark.parametrize(
    "text", ["</script><script> kept", "a\n</style>\n<style>\n kept", "<script> kept </script x>"]
)
def test_a_script_that_is_never_closed_swallows_nothing_whatever_stands_before_it(text: str) -> None:
    assert "kept" in _everything(read_column("a.md", text.encode()))


@settings(max_examples=400, deadline=None)
@given(files())
def test_no_word_is_lost_whatever_the_markup(case: tuple[str, list[str]]) -> None:
    text, words = case
    kept = _everything(read_column("a.md", text.encode()))
    assert [word for word in words if word not in kept] == []


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.lists(st.sampled_from(injections.PAYLOADS), max_size=6).map(
            lambda parts: "\n".join(parts).encode()
        ),
    ),
    st.text(max_size=20),
)
def test_reading_never_raises_and_gives_a_draft_that_parses(content: bytes, name: str) -> None:
    column = read_column(name, content)
    parse_lesson(column.sources["lesson.toml"])
    parse_quiz(column.sources["quiz.toml"])
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]*", column.slug)
    assert "\x00" not in "".join([*column.sources.values(), *(c.name + c.body for c in column.comments)])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(injections.PAYLOADS), min_size=1, max_size=4))
def test_comments_keep_every_character_of_a_body(payloads: list[str]) -> None:
    bodies = [" ".join(p.replace("\x00", "").replace("\x01", "").split()) for p in payloads]
    text = "<p>a</p>\n---\n### 精选评论\n" + "".join(f"##### **x：\n> {body}\n" for body in bodies)
    found = [" ".join(c.text.split()) for c in read_column("a.md", text.encode()).comments]
    assert found == [" ".join(body.split()) for body in bodies]


# Writing


def test_an_import_is_a_draft_that_no_reader_sees(client: TestClient, session: Session) -> None:
    assert save(("line.md", read("line.md"))) == ["new"]
    lesson = session.scalars(select(Lesson)).one()
    draft = session.get(LessonDraft, lesson.id)
    assert (lesson.published_revision_id, draft.origin, draft.sources["en.md"]) == (None, "import", "")
    assert session.scalar(select(func.count()).select_from(LessonRevision)) == 0
    session.rollback()
    assert client.get(f"/courses/column/lessons/{lesson.slug}").status_code == 404
    assert "导入的专栏" not in client.get("/").text


def test_comments_are_stored_featured_with_their_replies(database: str, session: Session) -> None:
    save(("line.md", read("line.md")))
    stored = session.scalars(select(ImportedComment).order_by(ImportedComment.position)).all()
    assert [(c.position, c.name, c.featured, len(c.replies)) for c in stored] == [
        (1, "**青", True, 0),
        (2, "*川", True, 1),
        (3, "**2046", True, 0),
        (4, "**岚", True, 1),
    ]
    assert stored[3].replies == [{"by": "讲师", "body": "可以的，第 17 讲会专门讲。"}]


def test_importing_again_changes_nothing_and_never_overwrites(database: str, session: Session) -> None:
    column = read("line.md")
    changed = read_column(
        "line.md", (COLUMNS / "line.md").read_bytes().replace("试一试".encode(), "试两试".encode())
    )
    assert save(("line.md", column), ("line.md", column)) == ["new", "unchanged"]
    assert save(("line.md", changed)) == ["replaced"]
    draft = session.scalars(select(LessonDraft)).one()
    assert "试两试" in draft.sources["zh.md"]
    draft.version = 2
    session.commit()
    assert save(("line.md", column)) == ["kept"]
    assert session.scalar(select(func.count()).select_from(ImportedComment)) == 4


def test_the_command_reports_before_it_writes(database: str, session: Session) -> None:
    files = [str(path) for path in sorted(COLUMNS.glob("*.md"))]
    dry = CliRunner().invoke(cli, ["course", "import", "--dry-run", *files])
    assert dry.exit_code == 0 and 'line 12: <script> was left out: alert("不该运行")' in dry.output
    assert session.scalars(select(Course)).all() == []
    session.rollback()
    real = CliRunner().invoke(cli, ["course", "import", *files])
    assert real.exit_code == 0 and real.output.count(": new, as column/") == len(files)
    assert session.scalar(select(func.count()).select_from(LessonDraft)) == len(files)


def test_a_whole_column_of_attempts_is_imported(database: str, session: Session) -> None:
    column = read_column("attempts.md", injections.column(injections.PAYLOADS))
    assert save(("attempts.md", column)) == ["new"]
    assert (
        session.scalar(select(func.count()).select_from(ImportedComment))
        == len(column.comments)
        >= len(injections.PAYLOADS)
    )


# Pictures from outside

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x04\x00\x00\x00\x04"


def test_pictures_of_an_allowed_host_become_files_of_the_draft(database: str, session: Session) -> None:
    save(("line.md", read("line.md")))
    draft = session.scalars(select(LessonDraft)).one()
    assert pictures_by_host(draft) == {"img.example.com": ["https://img.example.com/i/line.png"]}
    assert allow_pictures(session, draft, ["other.example"], lambda _: PNG) == {}
    assert allow_pictures(session, draft, ["img.example.com"], lambda _: b"<html>") == {
        "https://img.example.com/i/line.png": "it is no SVG, PNG, JPEG, GIF or WebP"
    }
    assert "https://img.example.com" in draft.sources["zh.md"] and draft.version == 1
    assert allow_pictures(session, draft, ["img.example.com"], lambda _: PNG) == {
        "https://img.example.com/i/line.png": "figures/line.png"
    }
    assert "![](figures/line.png " in draft.sources["zh.md"] and "https://" not in draft.sources["zh.md"]
    assert (storage.read(draft.pictures["figures/line.png"]), draft.version, pictures_by_host(draft)) == (
        PNG,
        2,
        {},
    )
