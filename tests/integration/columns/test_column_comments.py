"""Comments below a column's lesson are plain text at their source: readers see them exactly as typed."""

import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.board.text.rendering import render_comment
from app.columns.column_import import ColumnLesson, read_column
from app.columns.plain_text import shown_as_typed


def column(body: str) -> ColumnLesson:
    return read_column("a.md", f"<p>课</p>\n\n---\n\n### 精选评论\n\n{body}".encode())


def seen(markdown: str) -> list[str]:
    """The lines that a reader sees: browsers show leading spaces only if they are non-breaking."""
    html = re.sub(r"<br>\n|</p>\n<p>", "\n", render_comment(markdown).strip())
    lines = re.sub(" +", " ", re.sub(r"<[^>]*>", "", html)).split("\n")
    return [unescape(line.strip(" ")).replace("\u00a0", " ") for line in lines if line.strip()]


@pytest.mark.parametrize(
    "text",
    [
        ">>> import tensorflow as tf\n>>> tf.__version__\n'2.21'",
        "for i in range(3):\n    if i:\n        print(i)",
        "\tprint('tab')",
        "\u00a0\u00a0loss = 1",
        "\u3000\u3000缩进两格",
        "a*b*c、**两颗星**、_下划线_、__init__、~~删~~、`反引号`、``两个``",
        "反斜杠 \\ 、\\n、C:\\data\\new、\\alpha、\\*",
        "1. 第一\n2. 第二\n- 三\n+ 四\n* 五\n12) 六",
        "# 不是标题\n## 也不是\n===\n---\n***\n___",
        "<b>粗</b> <br> <script>alert(1)</script> <class 'int'> <!-- 注释 --> </div>",
        "&amp; &lt;b&gt; &nbsp; &#39; &copy",
        "价格是 $5 到 $10，$x^2$、$$y$$、$",
        "问 @*李 和 @[*李](user:1bfd1f4c-0000-4000-8000-000000000000)",
        "| a | b |\n| --- | --- |\n| 1 | 2 |",
        "a | b\n:- | -:\n1 | 2",
        "```python\ndef f():\n    return 1\n```",
        "~~~\nx\n~~~",
        "[链接](https://a.example) ![图](b.png) [x]: y [^1] ^[z]",
        "x  =   1    # 对齐",
        "看 https://a.example/x_y*z*?q=%E4%B8%AD&b=[1] 这里",
        "::: tip\n内容\n:::",
        "第一段\n\n第二段\n第二行",
        "> 引用\n>> 两层",
        "{#anchor} {.sub} [t]{.sub}",
    ],
)
def test_a_comment_is_shown_as_it_was_typed(text: str) -> None:
    expected = [line.expandtabs(4).replace("\u00a0", " ") for line in text.split("\n") if line]
    assert seen(shown_as_typed(text)) == expected


_SIGNS = st.sampled_from(
    ["*", "_", "`", "```", "~~", ">", ">>> ", "#", "- ", "+ ", "1. ", "2) ", "|", "\n| --- |\n", "\\", "$", "$$", "[", "]", "(", ")", "!", "{", "}", "<b>",
     "</b>", "<!--", "<br>", "&amp;", "&#42;", "&nbsp;", "@", "@[a](user:1bfd1f4c-0000-4000-8000-000000000000)", "https://a.example/", ":::", "^", "=", "---", "\n",
     "\n\n", "  ", "    ", "\t", "\u00a0", "\u3000", " ", "文", "。", "word", "1", "😀", "\u2028"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(_SIGNS, st.text(max_size=3)), max_size=15).map("".join))
def test_whatever_was_typed_is_what_a_reader_sees(typed: str) -> None:
    text = "".join(c for c in typed if c in "\n\t" or c.isprintable() or c in "\u00a0\u3000\u2028")
    expected = [line.expandtabs(4).replace("\u00a0", " ").rstrip() for line in text.split("\n")]
    assert [line.rstrip() for line in seen(shown_as_typed(text))] == [line for line in expected if line]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("##### **青：\n> >>> x = 1\n> >>> y\n", ">>> x = 1\n>>> y"),
        ("##### **青：\n> 报错：\n>>> x = 1\n    y = 2\n", "报错：\n>>> x = 1\n    y = 2"),
        ("##### **青：\n> 看：\n>     y = 2\n>\n> 完\n", "看：\n    y = 2\n\n完"),
        ("##### **青：\n>没有空格\n", "没有空格"),
        ("##### **青：\n> 我的输出\n###### 我想回复大家\n# 注释\n", "我的输出\n###### 我想回复大家\n# 注释"),
        ("##### **青：\n> &lt;b&gt; &amp;\n", "&lt;b&gt; &amp;"),
    ],
)
def test_only_the_marks_of_the_export_go(source: str, expected: str) -> None:
    assert [comment.text for comment in column(source).comments] == [expected]


def test_what_pushes_a_reply_to_the_right_is_not_its_text() -> None:
    source = "##### **青：\n> 问\n\n ###### &nbsp;&nbsp;&nbsp; 讲师回复：\n> &nbsp;&nbsp;&nbsp; if x:\n> &nbsp;&nbsp;&nbsp;     y\n"
    assert column(source).comments[0].replies[0].text == "if x:\n    y"


@pytest.mark.parametrize(
    ("label", "by"),
    [
        ("讲师回复：", "讲师"),
        ("主讲老师回复 **青：", "主讲老师"),
        ("编辑 回复:", "编辑"),
        ("官方客服回复：", "官方客服"),
        ("用户 **川 回复：", "用户 **川"),
        ("回复：", "回复"),
        ("谢谢", "回复"),
    ],
)
def test_a_reply_is_by_whom_it_says(label: str, by: str) -> None:
    comment = column(f"##### **青：\n> 问\n\n ###### &nbsp;&nbsp;&nbsp; {label}\n> 答\n").comments[0]
    assert [reply.by for reply in comment.replies] == [by]
