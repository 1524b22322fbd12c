"""Code of a column can be pasted and run; subscripts and superscripts stay in place."""

import re
from html import unescape

import pytest

from app.columns.column_import import read_column
from app.columns.reading.html_to_markdown import html_to_markdown
from app.markup.context import Context
from app.markup.lesson_markdown import render_lesson, render_short
from tests.integration.columns.test_column_import import read


def lesson(html: str) -> str:
    """The HTML of the lesson that `html` becomes."""
    markdown = html_to_markdown(html, 1, lambda *_, **__: None, lambda _: None)
    return "".join(segment["html"] for segment in render_lesson(markdown, Context()).segments)


def code(html: str) -> str:
    """The text of its first code block, as one copies it."""
    return unescape(re.sub(r"<[^>]*>", "", re.search(r"<pre.*?</pre>", html, re.S)[0]))


def language(html: str) -> str:
    return re.search(r'class="language-([^"]*)"', html)[1]


def test_code_of_a_column_runs_when_it_is_pasted() -> None:
    html = render_short(read("runnable-code.md").sources["zh.md"])
    names: dict[str, type] = {}
    exec(code(html), names)
    counter = names["Counter"]()
    assert (counter.add(-1), counter.add(4), language(html)) == ("负　数", 8, "python")
    assert "\u00a0" not in html


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<pre>if x:\r\n\u00a0\u2003\u2002\u202fy</pre>", "if x:\n    y\n"),
        ("<pre>if x:\n\u3000\u3000y = '\u3000'</pre>", "if x:\n    y = '\u3000'\n"),
        ("<pre>x\u3000=\u3000'a\u3000b' #\u3000c</pre>", "x = 'a\u3000b' #\u3000c\n"),
        ("<pre>a\u200b = 1\ufeff\u00ad\u2060\nb\u200e = '👩\u200d💻'</pre>", "a = 1\nb = '👩\u200d💻'\n"),
        ("<pre>if x:\n\ty\n\n\n\tz</pre>", "if x:\n\ty\n\n\n\tz\n"),
        ("<pre><code>if x:<br>&nbsp;&nbsp;y<br><br>z</code></pre>", "if x:\n  y\n\nz\n"),
        ("<pre><code>if x:</code><code>  y</code></pre>", "if x:\n  y\n"),
        ("<pre>\n<code>if x:</code>\n<code>  y</code>\n</pre>", "if x:\n  y\n"),
        ("<pre><div>if x:</div><div>&nbsp;y</div></pre>", "if x:\n y\n"),
        ("<pre><ol><li>if x:</li><li>&nbsp;y</li></ol></pre>", "if x:\n y\n"),
        (
            "<pre><span class=line-numbers>1\n2\n</span><b>if</b> <i>x</i>:\n<span>  <span>y</span></span></pre>",
            "if x:\n  y\n",
        ),
        ("<p><code>if x:<br>&nbsp; y</code></p>", "if x:\n  y\n"),
        ("<pre>&lt;b&gt; &amp;amp; `` ``` \\* _x_</pre>", "<b> &amp; `` ``` \\* _x_\n"),
        ("<ul><li>a<pre>if x:\n\ty\n\n  z</pre></li></ul>", "if x:\n\ty\n\n  z\n"),
        ("<blockquote><pre>if x:\n\n    y</pre></blockquote>", "if x:\n\n    y\n"),
    ],
)
def test_code_has_the_characters_that_one_types(html: str, expected: str) -> None:
    assert code(lesson(html)) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<pre class='lang-js te-preview-highlight'><code data-language=js>import a\nb = a.c()</code></pre>", "python"),
        ("<pre class=lang-js>for i in x:\n    ...\n!pip install y</pre>", "python"),
        ("<pre class=lang-js>const a = () =&gt; 1;\nconsole.log(a());</pre>", "js"),
        ("<pre class=lang-js>pip install tensorflow</pre>", "text"),
        ("<pre class=lang-python>x</pre>", "python"),
        ("<pre class='hljs python'>x</pre>", "python"),
        ("<pre class='brush: cpp; toolbar: false'>int x;</pre>", "cpp"),
        ("<div class=highlight><pre><code data-lang=bash>ls</code></pre></div>", "bash"),
        ("<pre class=lang-java>class A { int x; }</pre>", "java"),
        ("<pre>&gt;&gt;&gt; 1 + 1\n2</pre>", "pycon"),
        ("<pre>def f():\n    return 1</pre>", "python"),
        ("<pre class=lang-klingon>nuqneH</pre>", "text"),
    ],
)  # fmt: skip
def test_code_is_coloured_as_what_it_is(html: str, expected: str) -> None:
    assert language(lesson(html)) == expected


@pytest.mark.parametrize(
    "html",
    [
        "S<sub>t-1</sub>，x<sup>2</sup>",
        "10<sup>-3</sup>",
        "L<sub>总</sub>是",
        "e<sup>x<sub>i</sub></sup>",
        "a<sub>b<sub>c</sub></sub>",
        "<strong>S<sub>t</sub></strong>是",
        "^<sup>^2</sup>",
        "x<sub>[i]</sub>(y)",
        "f!<sub>a*b</sub>",
        "x<sub>i</sub><sup>2</sup>",
        "x<sub><code>i</code></sub>",
    ],
)
def test_indices_and_powers_stay_below_and_above_the_line(html: str) -> None:
    assert lesson(f"<p>{html}</p>") == f"<p>{html}</p>\n"


def test_indices_stand_in_headings_lists_and_tables() -> None:
    html = lesson(
        "<h3>S<sub>t</sub></h3><ul><li>x<sup>2</sup></li></ul><table><tr><td>a<sub>1</sub></td></tr></table>"
    )
    assert (
        "S<sub>t</sub></h2>" in html and "<li>x<sup>2</sup></li>" in html and "<th>a<sub>1</sub></th>" in html
    )


KATEX = "<span class='katex'><span class='katex-mathml'><math><semantics><mi>h</mi><annotation encoding='application/x-tex'>h_{t-1}</annotation></semantics></math></span><span class='katex-html'>h t−1</span></span>"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (f"<p>当 {KATEX} 时</p>", "当 $h_{t-1}$ 时\n"),
        (f"<span class='katex-display'>{KATEX}</span>", "$$\nh_{t-1}\n$$\n"),
        (
            "<p>当<span class='MathJax_Preview'>x</span><span class='MathJax'>x2</span><script type='math/tex'>x^2</script>大</p>",
            "当$x^2$大\n",
        ),
        ("<p><script type='math/tex; mode=display'>\\sum_i x_i</script></p>", "$$\n\\sum_i x_i\n$$\n"),
        ("<p>设 <math><mi>x</mi><mo>=</mo><mn>1</mn></math></p>", "设 x=1\n"),
        (
            "<table><tr><td class='gutter'><pre>1\n2</pre></td><td class='code'><pre>a = 1\n  b</pre></td></tr></table>",
            "```text\na = 1\n  b\n```\n",
        ),
        (
            "<p>图<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw=' data-src='https://a.example/1.png' alt='一'>里</p>",
            "图![一](https://a.example/1.png)里\n",
        ),
    ],
)
def test_formulas_code_and_pictures_that_a_pages_own_script_shows_are_those_of_the_lesson(
    html: str, expected: str
) -> None:
    assert html_to_markdown(html, 1, lambda *_, **__: None, lambda _: None) == expected


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "gb18030"])
def test_a_file_is_read_in_the_encoding_that_it_has(encoding: str) -> None:
    assert read_column("07 | 名字.md", "<p>损失函数</p>".encode(encoding)).sources["zh.md"] == "损失函数\n"
