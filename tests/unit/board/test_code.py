"""Code outside a code block in a comment is found, and put into one without losses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.board.text.code import has_loose_code, outside_code, with_code_blocks
from app.board.text.rendering import render_comment

LOOSE = [
    "def f(x):\n    return x",
    "为什么报错？\n\nimport numpy as np\nimport os\n\n谢谢",
    ">>> model.fit(x)\nTraceback (most recent call last):",
    "for x in data:\n    total += x",
    "class Net(keras.Model):\n    def __init__(self):\n        super().__init__()",
    "def __call__(self, x): return self._f(x)",
    "model = keras.Sequential([\n    layers.Dense(10),\n])\nprint(model)",
    "function f(x) {\n  return x;\n}",
    "#include <stdio.h>\nint main() {\n  return 0;\n}",
    "from keras import layers\nx = layers.Dense(3)",
    "with tf.GradientTape() as tape:\n\tloss = f(x)",
    "我的代码\nwhile True:\n    step()\n然后就停不下来",
    'Traceback (most recent call last):\n  File "a.py", line 3, in <module>\n    model.fit(x)\nValueError: shapes (3,) and (4,)\n怎么办？',
    "In [3]: [\n   ...:     1]\nOut[3]: [1]",
]
PROSE = [
    "Why is the slope negative here?",
    "import numpy as np 报错了\n怎么办",
    "loss = 0.5\naccuracy = 0.9",
    "- first\n  - second\n  - third",
    "1. read\n2. train\n   and wait",
    "if you like it:\nplease say so",
    "For all of us in class:\nthanks!",
    "> def f(x):\n>     return x",
    "```python\ndef f(x):\n    return x\n```\nwhy?",
    "~~~\nimport os\nimport sys\n~~~",
    "look:\n\n    def f(x):\n        return x",
    "Use `model.fit(x)` first\nand then `model.evaluate(x)`.",
    "print 和 return 有什么区别？\n我分不清",
    "　　第一段\n　　第二段",
    "",
]


@pytest.mark.parametrize("text", LOOSE)
def test_loose_code_is_found_and_goes_into_a_block_as_it_is(text: str) -> None:
    assert has_loose_code(text)
    blocks = with_code_blocks(text)
    assert not has_loose_code(blocks)
    kept = [line for line in blocks.splitlines() if line.strip() and not line.startswith("```")]
    assert kept == [line for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("text", PROSE)
def test_prose_and_marked_code_are_left_alone(text: str) -> None:
    assert not has_loose_code(text)
    assert with_code_blocks(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "f = lambda x: x**2 + y**2",
        "y=x**2+z**2 对吗？",
        "a*b*c",
        "f(x)*g(y)*h(z)",
        "用 __init__ 还是 __call__？",
        "self.__dict__",
    ],
)
def test_signs_of_code_in_a_sentence_stay_what_they_are(text: str) -> None:
    assert render_comment(text) == f"<p>{text}</p>\n"


@pytest.mark.parametrize(
    "text", ["**粗**体", "**bold** text", "*a* and *b*", "__very important__", "中文**“引号”**中文"]
)
def test_stress_in_a_sentence_is_stress(text: str) -> None:
    assert "<strong>" in render_comment(text) or "<em>" in render_comment(text)


def test_words_around_the_code_stay_outside_of_its_block() -> None:
    assert with_code_blocks("看：\nimport os\nimport sys\n\n\n为什么？") == (
        "看：\n\n```python\nimport os\nimport sys\n```\n\n为什么？"
    )


def test_code_with_backticks_gets_longer_ones_around_it() -> None:
    assert with_code_blocks('def f():\n    """```"""').startswith("````python\n")


@given(st.text(alphabet="`~\\ \n>ab=:(){}", max_size=300))
def test_no_text_loses_a_word(text: str) -> None:
    assert outside_code(text, str) == text
    assert [c for c in with_code_blocks(text) if c in "ab=:(){}"] == [c for c in text if c in "ab=:(){}"]


@pytest.mark.parametrize(
    ("text", "outside"),
    [
        ("a `b` c", "a  c"),
        ("``a ` b`` c", " c"),
        ("```\na\n```\nb", "b"),
        ("> ```\n> a\n> ```\nb", "b"),
        ("a ` b\n\nc ` d", "a ` b\n\nc ` d"),
        ("\\`a` b", "\\`a` b"),
        ("~~~py\n```\n~~~\na", "a"),
        ("```\nnever closed", ""),
    ],
)
def test_code_is_told_from_what_stands_around_it(text: str, outside: str) -> None:
    assert outside_code(text, str, lambda _code: "") == outside
