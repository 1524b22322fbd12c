"""recipe.toml as data: what it must contain, and how a form's texts become a training's settings."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.core.config import get_settings
from app.core.errors import Invalid
from app.labs.forms import read_settings
from app.recipes.recipe import Recipe, RecipeError, Value, all_recipes

HEAD = """
title = { zh = "甲", en = "A" }
summary = { zh = "乙", en = "B" }
dataset = "mnist"
[limits]
seconds = 60
memory_mb = 1000
[estimate]
seconds = 5
"""
WORDS = 'label = { zh = "丙", en = "C" }\nhelp = { zh = "丁", en = "D" }\n'


def setting(
    name: str, kind: str = "integer", default: str = "1", more: str = "minimum = 0\nmaximum = 10\n"
) -> str:
    return f'[[hyperparameters]]\nname = "{name}"\nkind = "{kind}"\ndefault = {default}\n{more}{WORDS}'


NEEDED = setting("epochs") + setting("seed")


def recipe(text: str) -> Recipe:
    return Recipe(slug="test", **tomllib.loads(text))


def parsed(recipe: Recipe, fields: dict[str, str]) -> dict[str, Value]:
    return recipe.checked_settings(read_settings(recipe, fields))


def test_a_small_recipe_is_complete() -> None:
    found = recipe(HEAD + NEEDED)
    assert found.defaults == {"epochs": 1, "seed": 1}
    assert found.queue == "cpu"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (HEAD + setting("epochs"), "every recipe has the hyperparameter `seed`"),
        (HEAD + setting("seed"), "every recipe has the hyperparameter `epochs`"),
        (HEAD + NEEDED + setting("seed"), "two hyperparameters have the same name"),
        (HEAD + NEEDED + setting("rate", "number", more=""), "a number needs `minimum` and `maximum`"),
        (
            HEAD + NEEDED + setting("rate", "number", more="minimum = 0\n"),
            "a number needs `minimum` and `maximum`",
        ),
        (HEAD + NEEDED + setting("way", "choice", '"a"', more=""), "a choice needs `choices`"),
        (HEAD + NEEDED + setting("units", default="11"), "less than or equal to 10"),
        (HEAD + NEEDED + setting("units", default='"many"'), "valid integer"),
        (HEAD + NEEDED + setting("units", default="1.5"), "valid integer"),
        (
            HEAD
            + NEEDED
            + setting(
                "way", "choice", '"b"', more='choices = [{ value = "a", label = { zh = "甲", en = "A" } }]\n'
            ),
            "'a'",
        ),
        (HEAD + NEEDED + setting("Units"), "name"),
        (HEAD + NEEDED + setting("units", "colour"), "kind"),
        (HEAD.replace("seconds = 60", "seconds = 0") + NEEDED, "seconds"),
        (HEAD.replace("memory_mb = 1000", "memory_mb = 1") + NEEDED, "memory_mb"),
        (HEAD.replace("seconds = 5", "seconds = 0") + NEEDED, "estimate"),
        (HEAD.replace('zh = "甲", en = "A"', 'zh = "", en = ""') + NEEDED, "title"),
        (HEAD.replace('zh = "甲", en = "A"', "") + NEEDED, "title"),
        ('colour = "red"\n' + HEAD + NEEDED, "colour"),
        (HEAD.replace('dataset = "mnist"', 'dataset = "../etc"') + NEEDED, "dataset"),
    ],
)
def test_a_recipe_that_cannot_be_used_says_why(text: str, fault: str) -> None:
    with pytest.raises(ValidationError) as caught:
        recipe(text)
    assert fault in str(caught.value)


@pytest.fixture
def recipes_dir(tmp_path: Path) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOPHORA_RECIPES_DIR", str(tmp_path))
        get_settings.cache_clear()
        all_recipes.cache_clear()
        yield tmp_path
    get_settings.cache_clear()
    all_recipes.cache_clear()


def test_every_folder_with_a_recipe_is_found(recipes_dir: Path) -> None:
    for slug in ("one", "two"):
        (recipes_dir / slug).mkdir()
        (recipes_dir / slug / "recipe.toml").write_text(HEAD + NEEDED, encoding="utf-8")
    (recipes_dir / "notes").mkdir()
    assert list(all_recipes()) == ["one", "two"]


@pytest.mark.parametrize(
    "text",
    ["not toml", HEAD, 'slug = "other"\n' + HEAD + NEEDED],
    ids=["no toml", "no settings", "a slug of its own"],
)
def test_a_folder_with_a_faulty_recipe_names_the_file(recipes_dir: Path, text: str) -> None:
    (recipes_dir / "broken").mkdir()
    (recipes_dir / "broken" / "recipe.toml").write_text(text, encoding="utf-8")
    with pytest.raises(RecipeError, match=r"broken/recipe\.toml"):
        all_recipes()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            'try_out = { kind = "type-text" }',
            r"broken/recipe\.toml:2: try_out: there is no try-out 'type-text'",
        ),
        ('figures = ["boundry"]', r"broken/recipe\.toml:2: figures: there is no figure 'boundry'"),
        (
            'live_figure = "templates"',
            r"broken/recipe\.toml:2: live_figure: there is no live figure 'templates'",
        ),
        ('try_out = { kind = "drawing" }', r"broken/recipe\.toml:2: try_out: .*needs `prompt`"),
        ('try_out = { kind = "text" }', r"broken/recipe\.toml:2: try_out: .*needs `prompt`"),
        ('headline = "test_f1"', r"broken/recipe\.toml:2: recipe: .*no metric of `report`"),
        ('try_out = { kind = "own" }', r"broken/recipe\.toml:2: .*neither try-out\.html nor try-out\.js"),
        ('figures = ["own"]', r"broken/recipe\.toml:2: .*neither figure\.html nor figure\.js"),
        ("parts = {}", r"broken/recipe\.toml:2: parts: the folder says this"),
        ('report = [{ metric = "a" }]', r"broken/recipe\.toml:2: report\.0\.label"),
    ],
)
def test_what_a_recipe_shows_is_checked_at_load_with_file_and_line(
    recipes_dir: Path, text: str, fault: str
) -> None:
    (recipes_dir / "broken").mkdir()
    (recipes_dir / "broken" / "recipe.toml").write_text(f"# A recipe\n{text}\n{HEAD}{NEEDED}", "utf-8")
    with pytest.raises(RecipeError, match=fault):
        all_recipes()


def test_a_template_with_a_mistake_is_named_with_its_line(recipes_dir: Path) -> None:
    (recipes_dir / "broken").mkdir()
    (recipes_dir / "broken" / "recipe.toml").write_text(f'figures = ["own"]\n{HEAD}{NEEDED}', "utf-8")
    (recipes_dir / "broken" / "figure.html").write_text("<p>\n{% if %}</p>")
    with pytest.raises(RecipeError, match=r"broken/figure\.html:2: "):
        all_recipes()


ALL_KINDS = recipe(
    HEAD
    + NEEDED
    + setting("rate", "number", "0.1", "minimum = 0.00001\nmaximum = 10.0\n")
    + setting("bias", "boolean", "true", "")
    + setting(
        "way",
        "choice",
        '"sgd"',
        'choices = [{ value = "sgd", label = { zh = "甲", en = "A" } }, { value = "adam", label = { zh = "乙", en = "B" } }]\n',
    )
)
TYPED = {"epochs": "3", "seed": "7", "rate": "0.5", "bias": "on", "way": "adam"}


def test_a_form_becomes_typed_values() -> None:
    assert parsed(ALL_KINDS, TYPED) == {"epochs": 3, "seed": 7, "rate": 0.5, "bias": True, "way": "adam"}


def test_a_box_that_is_not_ticked_sends_nothing_and_means_no() -> None:
    assert parsed(ALL_KINDS, {name: text for name, text in TYPED.items() if name != "bias"})["bias"] is False


@pytest.mark.parametrize("text", [" 3 ", "3", "+3", "03", "3.0"])
def test_a_whole_number_may_be_typed_in_several_ways(text: str) -> None:
    assert parsed(ALL_KINDS, {**TYPED, "epochs": text})["epochs"] == 3


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("epochs", "-1"), ("epochs", "11"), ("epochs", "3.5"), ("epochs", "1e400"), ("epochs", "９９"), ("epochs", "9" * 5000), ("epochs", "true"), ("epochs", "\x00"),
        ("rate", "0"), ("rate", "-0.0"), ("rate", "nan"), ("rate", "-inf"), ("rate", "1e999"), ("rate", "0,5,1"), ("way", "SGD"), ("way", ""), ("seed", "   "),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_one_fault_at_its_field(name: str, text: str) -> None:
    with pytest.raises(Invalid) as caught:
        parsed(ALL_KINDS, {**TYPED, name: text})
    assert caught.value.fields.keys() == {name}
    assert caught.value.fields[name]


@given(st.dictionaries(st.sampled_from([*TYPED, "other"]), st.text(max_size=30)))
def test_whatever_is_typed_gives_values_within_bounds_or_faults_at_fields(fields: dict[str, str]) -> None:
    try:
        values = parsed(ALL_KINDS, fields)
    except Invalid as error:
        assert error.fields.keys() <= {h.name for h in ALL_KINDS.hyperparameters}
        assert all(error.fields.values())
    else:
        assert values.keys() == ALL_KINDS.defaults.keys()
        assert ALL_KINDS.check_values(values) == values


@pytest.mark.parametrize("slug", sorted(all_recipes()))
def test_the_defaults_written_into_the_form_and_sent_back_are_the_defaults(slug: str) -> None:
    found = all_recipes()[slug]
    assert parsed(found, {h.name: h.as_text(h.default) for h in found.hyperparameters}) == found.defaults


@pytest.mark.parametrize("slug", sorted(all_recipes()))
def test_bounds_of_every_recipe_keep_a_training_within_its_limits(slug: str) -> None:
    """Nobody can request a number without bounds on both sides."""
    for hyperparameter in all_recipes()[slug].hyperparameters:
        if hyperparameter.kind in {"integer", "number"}:
            assert hyperparameter.minimum < hyperparameter.maximum


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e-05, "1e-05"),
        (0.1, "0.1"),
        (55000, "55000"),
        (0.1234567, "0.1234567"),
        (True, "on"),
        (False, ""),
        ("adam", "adam"),
        (2.0, "2"),
    ],
)
def test_a_value_is_written_into_its_field_without_loss(value: Any, text: str) -> None:
    assert ALL_KINDS.hyperparameter("rate").as_text(value) == text
    if isinstance(value, float):
        assert float(text) == value


def test_values_of_a_lab_are_checked_and_the_setting_is_named() -> None:
    assert ALL_KINDS.check_values({"rate": 1}) == {"rate": 1.0}
    with pytest.raises(RecipeError, match="no setting 'colour'"):
        ALL_KINDS.check_values({"colour": 1})
    with pytest.raises(RecipeError, match="epochs = 99"):
        ALL_KINDS.check_values({"epochs": 99})
