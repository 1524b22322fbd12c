"""The tiny course with a question of each kind in its first lesson, and none in its second."""

from pathlib import Path

QUIZ = """
[[questions]]
key = "largest"
kind = "single"
prompt = { zh = "哪个最大？", en = "Which is the largest, with $x > 0$?" }
options = [
  { text = { zh = "一", en = "one" }, why = { zh = "一小。", en = "One is SMALL-WHY." } },
  { text = { zh = "三", en = "three" }, correct = true, why = { zh = "三大。", en = "Three is LARGE-WHY." } },
  { text = { zh = "二", en = "two" }, why = { zh = "二中。", en = "Two is MIDDLE-WHY." } },
]

[[questions]]
key = "odd"
kind = "multiple"
prompt = { zh = "哪些是奇数？", en = "Which are odd?" }
options = [
  { text = { zh = "一", en = "number one" }, correct = true, why = { zh = "对。", en = "ONE-WHY" } },
  { text = { zh = "二", en = "number two" }, why = { zh = "偶。", en = "TWO-WHY" } },
  { text = { zh = "三", en = "number three" }, correct = true, why = { zh = "对。", en = "THREE-WHY" } },
  { text = { zh = "四", en = "number four" }, why = { zh = "偶。", en = "FOUR-WHY" } },
]

[[questions]]
key = "third"
kind = "number"
prompt = { zh = "三分之一？", en = "One third?" }
answer = 0.3333
tolerance = 0.001
why = { zh = "除。", en = "NUMBER-WHY" }

[[questions]]
key = "steps"
kind = "order"
prompt = { zh = "排序", en = "Put in order" }
items = [{ zh = "甲", en = "build" }, { zh = "乙", en = "compile" }, { zh = "丙", en = "fit" }, { zh = "丁", en = "evaluate" }]
why = { zh = "序。", en = "ORDER-WHY" }

[[questions]]
key = "loss"
kind = "code"
prompt = { zh = "填空", en = "Fill in" }
code = "model.compile(loss=____)"
answers = ["'mse'", '"mse"']
why = { zh = "均方。", en = "CODE-WHY" }

[[questions]]
key = "unplaced"
kind = "number"
prompt = { zh = "不在文中", en = "Not in the text" }
answer = 1
why = { zh = "。", en = "UNPLACED-WHY" }
"""
KEYS = ("largest", "odd", "third", "steps", "loss")
# Everything that only the answer may contain.
EXPLANATIONS = (
    "SMALL-WHY",
    "LARGE-WHY",
    "MIDDLE-WHY",
    "ONE-WHY",
    "TWO-WHY",
    "THREE-WHY",
    "FOUR-WHY",
    "NUMBER-WHY",
    "ORDER-WHY",
    "CODE-WHY",
    "UNPLACED-WHY",
)
LESSON = "/courses/tiny/lessons/00-start"


def put_quiz_into(folder: Path) -> None:
    """Write the quiz into a copy of the tiny course; the first lesson's lab is removed, so that its quiz is on its own."""
    lesson = folder / "00-start"
    (lesson / "quiz.toml").write_text(QUIZ, encoding="utf-8")
    toml = (lesson / "lesson.toml").read_text(encoding="utf-8")
    (lesson / "lesson.toml").write_text(
        toml[: toml.index("[[labs]]")] + toml[toml.index("[[terms]]") :], encoding="utf-8"
    )
    for language in ("zh", "en"):
        text = (lesson / f"{language}.md").read_text(encoding="utf-8").replace("::: lab digits\n:::\n", "")
        first, rest = "::: quiz largest odd\n:::\n", "::: quiz third steps loss\n:::\n"
        (lesson / f"{language}.md").write_text(
            f"{text}\n{first}\n## Two {{#two}}\n\n{rest}", encoding="utf-8"
        )
