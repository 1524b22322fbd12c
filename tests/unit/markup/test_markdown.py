"""The rendering of a lesson's Markdown."""

import pytest

from app.core.text import Bilingual, Term
from app.markup.context import Context, EarlierTerm, Rendering
from app.markup.formulas import LONGEST_FORMULA
from app.markup.lesson_markdown import render_lesson, render_short

KERNEL = Term(key="kernel", zh="卷积核", en="kernel", definition=Bilingual(zh="小窗口", en="A small window"))
DRAWING = b'<svg viewBox="0 0 4 4"><circle r="2"/></svg>'
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x20\x00\x00\x00\x10\x08\x02"


def render(text: str, **context: object) -> Rendering:
    return render_lesson(text, Context(**context))


def html(text: str, **context: object) -> str:
    return "".join(segment.get("html", "") for segment in render(text, **context).segments)


def faults(text: str, **context: object) -> list[tuple[int, str]]:
    return [(fault.line, fault.message) for fault in render(text, **context).faults]


def test_a_heading_has_its_anchor_and_stands_in_the_contents_without_marks() -> None:
    rendering = render("## 先看 `batch_size` 和 *a* {#look}\n\n### Next\n")
    assert rendering.contents == [
        {"level": 2, "anchor": "look", "title": "先看 batch_size 和 a"},
        {"level": 3, "anchor": "part-2", "title": "Next"},
    ]
    assert '<h2 id="look">' in rendering.segments[0]["html"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**“引号”**文字", "<strong>“引号”</strong>文字"),
        ("文字**（括号）**文字", "文字<strong>（括号）</strong>文字"),
        ("一个**词**，另一个", "一个<strong>词</strong>，另一个"),
        ("这是*`code`*的意思", "这是<em><code>code</code></em>的意思"),
        ("snake_case_name and __init__", "snake_case_name and <strong>init</strong>"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("**a** *b* ***c***", "<strong>a</strong> <em>b</em> <em><strong>c</strong></em>"),
        ("a**b**c**", "a<strong>b</strong>c**"),
    ],
)
def test_emphasis_works_without_spaces_around_it(text: str, expected: str) -> None:
    assert html(text) == f"<p>{expected}</p>\n"


def test_formulas_become_mathml_and_one_that_does_not_parse_is_named_with_its_line() -> None:
    assert "<math" in html("so $w \\cdot x$ is\n\n$$ \\frac{1}{2} $$")
    assert faults("one\n\ntwo\nand $\\frac{1$ here")[0][0] == 4
    assert faults("one\n\n$$\n\\frac{1\n$$\n")[0][0] == 3


@pytest.mark.parametrize(
    "formula",
    [
        "{" * 50_000,
        r"\frac" * 50_000,
        r"\sqrt" * 20_000,
        "x^" * 50_000,
        r"\left(" * 20_000,
        r"\hat" * 20_000,
        "(" * 9_000,
    ],
)
def test_a_formula_too_deep_for_its_parser_is_a_fault_and_no_crash(formula: str) -> None:
    assert "longer than" in faults(f"$$\n{formula}\n$$")[0][1]
    assert "more than" in faults(f"$$\n{formula[:LONGEST_FORMULA]}\n$$")[0][1]


def test_marked_lines_of_code_must_exist() -> None:
    assert html('```python {hl="2"}\na = 1\nb = 2\n```').count('class="hll"') == 1
    assert faults('```python {hl="1-999999"}\na = 1\n```')[0][1].endswith("does not have")
    assert faults("```klingon\na\n```")[0][1] == "no highlighting is known for 'klingon'"


def test_a_figure_has_caption_alternative_text_and_a_size() -> None:
    rendered = html(
        '![两块](figures/a.png "图 1")',
        picture=lambda _: PNG,
        picture_address=lambda name: f"/pictures/{name}",
    )
    assert 'alt="两块" width="32" height="16"' in rendered
    assert "<figcaption>图 1</figcaption>" in rendered
    assert "<circle" in html("![一个圆](figures/a.svg)", picture=lambda _: DRAWING)


@pytest.mark.parametrize("alt", ["", "  ", "Drawing 1.png", "image.jpeg"])
def test_a_picture_needs_words_that_say_what_it_shows(alt: str) -> None:
    assert len(faults(f"a\n\n![{alt}](figures/a.png)", picture=lambda _: PNG)) == 1
    assert faults(f"a\n\nb\nc ![{alt}](figures/a.png) d", picture=lambda _: PNG)[0][0] == 4


def test_a_picture_from_outside_is_a_link_that_loads_nothing() -> None:
    rendered = html('![a line](https://img.example.com/line.png "图 1")')
    assert "<img" not in rendered
    assert 'class="picture-link" href="https://img.example.com/line.png"' in rendered


def test_a_drawing_cannot_be_put_where_its_author_did_not_put_it() -> None:
    attempt = "![drawing:figures/a.svg:](https://a.example/x.png) `drawing:figures/a.svg:`"
    assert "<svg" not in html(attempt, picture=lambda _: DRAWING)


def test_terms_of_this_and_of_earlier_lessons_are_known_and_others_are_faults() -> None:
    earlier = {"kernel": EarlierTerm("01-a", KERNEL)}
    rendering = render("a [kernel]{term=kernel}", earlier_terms=earlier)
    assert rendering.faults == [] and rendering.used_terms == {"kernel"}
    assert render("a [kernel]{term=kernel}", terms={"kernel": KERNEL}).faults == []
    assert faults("x\n\na [k]{term=kernel}", later_terms={"kernel": "05-b"}) == [
        (3, "the term 'kernel' is used before it is defined: the later lesson 05-b defines it")
    ]
    assert faults("a [k]{term=kernel}") == [(1, "the term 'kernel' is defined in no lesson")]


@pytest.mark.parametrize("target", ["foo.md", "foo", "", "http:/x", "ftp://a.example"])
def test_a_link_that_leads_nowhere_is_a_fault(target: str) -> None:
    assert faults(f"x\n\n[a]({target})")[0][0] == 3


@pytest.mark.parametrize(
    "target",
    [
        "https://a.example/x",
        "mailto:a@b.example",
        "/progress",
        "#here",
        "#fn1",
        "lesson:01-a",
        "lesson:01-a#there",
    ],
)
def test_a_link_that_leads_somewhere_is_none(target: str) -> None:
    text = f"## Here {{#here}}\n\n[a]({target}) x[^1]\n\n[^1]: note"
    assert faults(text, lesson_address=lambda slug: f"/{slug}" if slug == "01-a" else None) == []


def test_blocks_that_nobody_closes_or_knows_are_faults() -> None:
    assert faults("a\n\n::: tip\nb\n") == [(3, "`::: tip` is not closed by a line `:::`")]
    assert faults("::: tipp\nb\n:::\n")[0] == (1, "there is no block `::: tipp`")
    assert faults("a\n\n$$ x\n\nb\n")[0][0] == 3


def test_embeds_name_what_exists_and_only_once() -> None:
    known = {"labs": {"a"}, "questions": {"q", "r"}, "figures": {"f"}}
    rendering = render("::: lab a\n:::\n\n::: quiz q r\n:::\n\n::: figure f\ncaption\n:::\n", **known)
    assert rendering.faults == []
    assert rendering.segments == [
        {"lab": "a"},
        {"quiz": ["q", "r"]},
        {"figure": "f", "caption": "<p>caption</p>\n"},
    ]
    rendering = render(
        "::: lab b\n:::\n\n::: quiz q x q\n:::\n\n::: figure g\n:::\n\n> ::: lab a\n> :::\n", **known
    )
    assert rendering.segments == [{"quiz": ["q"]}, {"html": "<blockquote></blockquote>\n"}]
    assert [fault.line for fault in rendering.faults] == [1, 4, 4, 7, 10]


@pytest.mark.parametrize("name", ["x/onmouseover=a", '"><b>', "../up", "A", "-a"])
def test_an_embed_whose_name_is_no_name_is_left_out(name: str) -> None:
    assert all("figure" not in segment for segment in render(f"::: figure {name}\nx\n:::").segments)


def test_doubled_and_reserved_anchors_are_faults() -> None:
    assert faults("## A {#a}\n\n## B {#a}\n")[0] == (3, "the anchor #a is used twice")
    assert faults("## A {#glossary}\n")[0] == (1, "the anchor #glossary is one of the page's own")


def test_raw_html_is_text() -> None:
    assert html("a <b>b</b>") == "<p>a &lt;b&gt;b&lt;/b&gt;</p>\n"
    assert render_short("<script>x</script>") == "<p>&lt;script&gt;x&lt;/script&gt;</p>\n"


def test_a_drawing_loads_nothing_from_outside() -> None:
    svg = (
        b'<svg><defs><marker id="m"/></defs><path marker-end="url(#m)" fill="var(--leaf)" transform="rotate(4)" d="M0 0"/>'
        b'<rect mask="url(https://a.example/m.svg#x)" fill="u\\72l(https://a.example)" filter="image-set(\'x\' 1x)"/></svg>'
    )
    rendered = html("![a](figures/a.svg)", picture=lambda _: svg)
    assert (
        'marker-end="url(#m)"' in rendered
        and 'transform="rotate(4)"' in rendered
        and 'fill="var(--leaf)"' in rendered
    )
    assert "a.example" not in rendered and "image-set" not in rendered
