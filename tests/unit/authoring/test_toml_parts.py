import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.authoring.parts.fields import flat, nested
from app.authoring.parts.toml_parts import CannotEdit, append, block, replace
from app.publishing.toml_writing import toml_value

LESSON = """# the head of the file
title = { zh = "一", en = "One" }  # a remark

[[labs]]
key = "first"

[labs.guess]
kind = "number"

# about the second
[[labs]]
key = "second"   # kept? no: this entry is written anew

[[terms]]
key = "t"
text = "a [[labs]] in a string"
"""


def test_replacing_an_entry_leaves_every_other_line_as_it_was() -> None:
    changed = replace(LESSON, "labs", 0, {"key": "first", "goal": {"text": "win"}})
    assert tomllib.loads(changed)["labs"][0] == {"key": "first", "goal": {"text": "win"}}
    assert changed.startswith(LESSON[: LESSON.index("[[labs]]")])
    assert changed.endswith(LESSON[LESSON.index("# about the second") :])


def test_removing_the_last_entry_keeps_what_follows() -> None:
    changed = replace(LESSON, "labs", 1, None)
    assert [lab["key"] for lab in tomllib.loads(changed)["labs"]] == ["first"]
    assert changed.endswith(LESSON[LESSON.index("[[terms]]") :])


def test_an_appended_entry_comes_last_also_in_an_empty_file() -> None:
    assert tomllib.loads(append("", "questions", {"key": "a"})) == {"questions": [{"key": "a"}]}
    assert [lab["key"] for lab in tomllib.loads(append(LESSON, "labs", {"key": "third"}))["labs"]] == [
        "first",
        "second",
        "third",
    ]


@pytest.mark.parametrize(
    "text",
    ['labs = [{ key = "a" }]\n', '[[labs]]\nkey = """\n[[labs]]\n"""\n', "[[labs]\n"],
    ids=["inline", "a header in a string", "broken"],
)
def test_a_file_that_cannot_be_changed_safely_is_left_alone(text: str) -> None:
    with pytest.raises(CannotEdit):
        replace(text, "labs", 0, {"key": "b"})


values = st.recursive(
    st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(values)
def test_every_value_is_read_back_as_it_was_written(part: Any) -> None:
    if not isinstance(part, dict):
        assert tomllib.loads(f"x = {toml_value(part)}\n") == {"x": part}


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,6}", fullmatch=True),
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
        min_size=1,
    )
)
def test_every_entry_is_read_back_as_it_was_written(entry: dict[str, str]) -> None:
    assert tomllib.loads(block("questions", entry)) == {"questions": [entry]}


def test_a_form_and_its_structure_say_the_same_and_empty_rows_are_none() -> None:
    structure = {
        "key": "a",
        "options": [
            {"text": {"zh": "一", "en": "one"}, "correct": True},
            {"text": {"zh": "二", "en": "two"}},
        ],
    }
    fields = flat(structure)
    assert fields["options-0-correct"] == "on" and "options-1-correct" not in fields
    fields |= {"options-7-text-zh": "  ", "options-9-text-zh": "九"}
    assert nested(fields)["options"][2] == {"text": {"zh": "九"}}


def test_a_form_with_names_that_contradict_each_other_is_no_structure() -> None:
    assert nested({"a": "x", "a-b": "y"}) == {}
