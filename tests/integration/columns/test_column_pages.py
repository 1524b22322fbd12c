"""Readers of the lesson see what readers of the column's page see; otherwise the report says so."""

from collections.abc import Sequence

import pytest

from app.columns.reading.column_html import converted
from app.columns.reading.seen import difference, seen_in_html
from app.core.i18n import current_language
from app.core.sentences import spoken
from app.markup.context import Context
from app.markup.lesson_markdown import render_lesson


def read(text: str) -> tuple[str, Sequence[str]]:
    """(Markdown, what was noted)"""
    markdown, noted, _pictures = converted(text, 1)
    return markdown, [str(message) for _line, message in noted]


def lesson(markdown: str) -> str:
    return "".join(segment["html"] for segment in render_lesson(markdown, Context()).segments)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (
            '式中 <img src="https://a.example/eta.png" alt="eta"> 是学习率，<img src="https://a.example/g.png" alt="g"> 是梯度。',
            "式中 ![eta](https://a.example/eta.png) 是学习率，![g](https://a.example/g.png) 是梯度。",
        ),
        ("<p><img src=//a.example/x.png alt=eta> 是学习率。</p>", "![eta](https://a.example/x.png) 是学习率。"),
        ("<p>学习率记作 <img src=//a.example/x.png alt=eta>。</p>", "学习率记作 ![eta](https://a.example/x.png)。"),
        ("<p>学习率是 <img src=//a.example/x.png alt=eta></p>", "学习率是 ![eta](https://a.example/x.png)"),
        ("<ul><li>学习率 <img src=//a.example/x.png alt=eta> 要小</li></ul>", "学习率 ![eta](https://a.example/x.png) 要小"),
        ("<h3>学习率 <img src=//a.example/x.png alt=eta></h3>", "## 学习率 ![eta](https://a.example/x.png)"),
        ("<p><b>学习率<img src=//a.example/x.png alt=eta>要小</b></p>", "**学习率**![eta](https://a.example/x.png)**要小**"),
        ("<p>上一行<br>学习率<img src=//a.example/x.png alt=eta>要小</p>", "上一行\\\n学习率![eta](https://a.example/x.png)要小"),
        (r"<p>学习率 <img src=//a.example/x.png alt='\eta'> 要小</p>", r"学习率 $\eta$ 要小"),
        ("<p>状态<img src=//a.example/x.png alt='$S_{t-1}$'>不变</p>", "状态$S_{t-1}$不变"),
        ("<p>用<img class=eeimg alt='[公式]' src='https://www.zhihu.com/equation?tex=%5Csum_i+x_i'>求和</p>", r"用$\sum_i x_i$求和"),
        ("<p>用<img alt='' src='https://latex.codecogs.com/svg.latex?%5Cinline%20x%5E2'>求和</p>", "用$x^2$求和"),
        ("<p>用<img class=latex alt='p(a|b)' src=//a.example/x.png>求和</p>", r"用$p(a\vert b)$求和"),
        (r"<p><img alt='L = \frac{1}{n}' src=//a.example/x.png></p>", "$$\nL = \\frac{1}{n}\n$$"),
        ("<p>坏的<img alt='\\frac{' src=//a.example/x.png>公式</p>", "坏的![\\\\frac\\{](https://a.example/x.png)公式"),
        ("<p>文件名<img alt='a_b.png' src=//a.example/x.png>不是公式</p>", "文件名![](https://a.example/x.png)不是公式"),
        ("<p>结果如下图所示<img src=//a.example/x.png alt=曲线></p>", "结果如下图所示\n\n![曲线](https://a.example/x.png)"),
        ("<p><img src=//a.example/x.png alt=曲线>图 1：损失</p>", "![曲线](https://a.example/x.png)\n\n图 1：损失"),
        ("<p><img src=//a.example/1.png alt=一><img src=//a.example/2.png alt=二></p>", "![一](https://a.example/1.png)\n\n![二](https://a.example/2.png)"),
    ],
)  # fmt: skip
def test_a_picture_of_a_formula_stays_in_its_sentence(html: str, expected: str) -> None:
    markdown, noted = read(html)
    assert markdown.strip().removeprefix("- ") == expected
    assert [each for each in noted if "file's name" not in each] == []


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("<code>a|b</code>", "<code>a|b</code>"),
        ("a|b", "a|b"),
        (r"<code>a\|b</code>", r"<code>a\|b</code>"),
        (r"a\|b", r"a\|b"),
        ("<code>a||b</code> 或 <code>c|d</code>", "<code>a||b</code> 或 <code>c|d</code>"),
        ("<strong>a|b</strong>", "<strong>a|b</strong>"),
        ("<code>`|`</code>", "<code>`|`</code>"),
    ],
)
def test_a_table_with_bars_in_its_cells_stays_whole(cell: str, expected: str) -> None:
    rows = f"<tr><th>写法</th><th>意思</th></tr><tr><td>{cell}</td><td>其一</td></tr><tr><td>x</td><td>{cell}</td></tr>"
    markdown, noted = read(f"<table>{rows}</table>")
    html = lesson(markdown)
    assert (html.count("<tr>"), html.count("<th>"), html.count("<td>"), noted) == (3, 2, 4, [])
    assert html.count(f"<td>{expected}</td>") == 2


MARKDOWN = """我们只做一件事：**画一条直线**。它要 $5 到 $10，用 `a*b` 表示，见[官网](https://a.example/x)。
这一行接着上一行。

## 为什么

- 一
- 二

  1. 甲
  2. 乙

```python
# 不是标题
def f():
    return 1
```

| 写法 | 意思 |
| --- | --- |
| `x|y` | $x_t|y$ |

> 引用的话

学习率 $\\eta$ 要小，H<sub>2</sub>O<br>换行，~~删掉~~，[说明][1]。

$$
\\frac{a}{b}
$$

![曲线](https://a.example/c.png)

小标题
------

<p align="center">居中</p>

    缩进的代码 = 1

[1]: https://a.example/ref
"""


def test_a_file_of_markdown_is_read_as_markdown() -> None:
    markdown, noted = read(MARKDOWN)
    html = lesson(markdown)
    assert markdown.count("## ") == 2 and "# 不是标题\ndef f():\n    return 1\n" in markdown
    for part in (
        '<strong>画一条直线</strong>。它要 $5 到 $10，用 <code>a*b</code> 表示，见<a href="https://a.example/x"',
        "。这一行接着上一行。</p>",
        "<ol>\n<li>甲</li>\n<li>乙</li>\n</ol>",
        "<td><code>x|y</code></td>",
        "<blockquote>\n<p>引用的话</p>",
        "H<sub>2</sub>O<br>",
        "<s>删掉</s>",
        '<a href="https://a.example/ref"',
        "<mfrac>",
        ">曲线</a>",
        "<p>居中</p>",
        "小标题</h2>",
        "缩进的代码 = 1",
    ):
        assert part in html, part
    assert noted == ["this file is Markdown, and was read as such"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("第一段\n\n第二段\n", "第一段\n\n第二段\n"),
        ("* a\n* b\n", "- a\n- b\n"),
        ("# 大\n\n### 小\n\n字", "## 大\n\n#### 小\n\n字\n"),
        ("一个 *词* 和 __强__", "一个 *词* 和 **强**\n"),
        ("**“引号”**后面", "**“引号”**后面\n"),
        ("行末两格  \n下一行\n\n段", "行末两格\\\n下一行\n\n段\n"),
        ("| a | b |\n|:-|-:|\n| 1 | 2 | 3 |", "| a | b |  |\n| --- | --- | --- |\n| 1 | 2 | 3 |\n"),
        ("**a**\n\n```不是 语言的 话\nx\n```", "**a**\n\n```text\n不是 语言的 话\nx\n```\n"),
        ("- [x] 做完\n- [ ] 没做", "- \\[x\\] 做完\n- \\[ \\] 没做\n"),
    ],
)
def test_markdown_in_any_hand_says_the_same(text: str, expected: str) -> None:
    assert read(text)[0] == expected


@pytest.mark.parametrize(
    "html",
    [
        "散落的 *文字*\n<p>一段</p>\n<p>另一段，比外面的多</p>",
        "<pre># 标题\n\n- 列表\n</pre><p>a</p>",
        "<div>\n<p>a</p>\n\n    <p>b</p>\n\n    <p>c</p>\n</div>",
        "<p>a</p>\n\n    <p>b</p>\n",
        "<!doctype html><html><body>\n<h2>1. x</h2>\n\n<p>**a**</p></body></html>",
    ],
)
def test_html_is_read_as_html(html: str) -> None:
    markdown, noted = read(html)
    assert "this file is Markdown, and was read as such" not in noted and "<p>" not in markdown


@pytest.mark.parametrize(
    ("html", "english", "chinese"),
    [
        (
            "<p>x<sub>a<br>b</sub></p>",
            "the type of this part (bold, italic, code, below or above the line) is not that of the file: xa",
            "这一部分的样式（粗体、斜体、代码、上下标）与文件里的不同：xa",
        ),
        (
            "<p><script>x</script></p>",
            "<script> was left out: x",
            "<script> 没有导入：x",
        ),
        (
            "<p>字<span style='color: red'>红</span></p>",
            "from here on underlines and colours were left out: Markdown has none",
            "从这里起，下划线和颜色没有导入：Markdown 里没有",
        ),
    ],
)
def test_what_a_reader_sees_otherwise_is_said_in_the_readers_language(
    html: str, english: str, chinese: str
) -> None:
    _markdown, noted, _pictures = converted(html, 1)
    for language, sentence in (("en", english), ("zh", chinese)):
        token = current_language.set(language)
        assert sentence in [spoken(message) for _line, message in noted]
        current_language.reset(token)


@pytest.mark.parametrize(
    "html",
    [
        "<h3>为什么</h3><p>直线<strong>只有</strong>两个<em>参数</em>，<del>三个</del>。</p>",
        "<ul><li>一<ul><li>二</li></ul></li><li><p>三</p><p>四</p></li></ul><ol start=4><li>五</li></ol>",
        "<p>第一行，\n第二行 and\nthird<br>断行&nbsp;&nbsp;两格</p>",
        "<blockquote><p>引</p><ul><li>x</li></ul></blockquote><hr><p>后</p>",
        "<p>如图：<img src=//a.example/x.png alt=曲线></p><p style='text-align:center'>图 1：曲线</p>",
        "<table><tr><td>a</td><td>b</td></tr><tr><td><p>c</p></td><td><b>d</b></td></tr></table>",
        "<dl><dt>词</dt><dd>解释</dd></dl><p><a href=https://a.example/>链接</a><a href=https://a.example/x></a></p>",
        "<p>S<sub>t-1</sub>，<code>a  b</code>，<b>S<sub>t</sub></b></p><pre>if x:\n\n    y</pre>",
        "<div><div>散的<p>段</p>散的</div></div>",
    ],
)
def test_a_page_that_comes_over_whole_is_reported_as_such(html: str) -> None:
    assert read(html)[1] == []


@pytest.mark.parametrize(
    "html",
    [
        '<p>见<a href="https://a.example/x?a=1&amp;b=2">官网</a>和<a href="//b.example/中文 路">这里</a>。</p>',
        '<p><a href="https://a.example/(x)_y">https://a.example/(x)_y</a>，<a href="mailto:a@b.example">信</a></p>',
        '<p>[x](https://c.example) <a href="https://a.example/]x">y]z</a></p>',
        '<h3><a href="https://a.example/h"><b>题</b></a></h3>',
        '<p><code><a href="https://a.example/c">fit()</a></code> <a href="https://a.example/d"><code>x</code></a></p>',
        '<p><a href="HTTPS://A.example/UP">大</a> <a href="https://例子.example/x">域</a></p>',
    ],
)
def test_links_lead_where_they_led(html: str) -> None:
    markdown, noted = read(html)
    assert noted == []
    assert seen_in_html(lesson(markdown)) == seen_in_html(html.replace('"//', '"https://'))


def test_a_link_that_leads_elsewhere_is_told_with_its_words() -> None:
    _markdown, noted = read('<p><a href="https://a.example/1">一<a href="https://a.example/2">二</a></a></p>')
    assert noted == [
        "the file shows “一 → https://a.example/1, 二 → https://a.example/2” here, readers will see “一二 → https://a.example/1”"
    ]
    for before, after in (("/x", "/y"), ("/x", ""), ("", "/y")):
        shown = [
            f'<p>见<a href="https://a.example{path}">官网</a></p>' if path else "<p>见官网</p>"
            for path in (before, after)
        ]
        assert difference(*map(seen_in_html, shown)) is not None
