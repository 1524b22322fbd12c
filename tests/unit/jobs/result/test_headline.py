"""The number of a result, and what stands beside it on its scale."""

from typing import Any

import pytest

from app.core.i18n import current_language
from app.jobs.models import Job
from app.jobs.result.headline import headline
from app.recipes.recipe import all_recipes


@pytest.fixture(autouse=True)
def _english() -> Any:
    token = current_language.set("en")
    yield
    current_language.reset(token)


LAB = {
    "defaults": {},
    "fixed": {},
    "guess": {"kind": "number", "metric": "test_accuracy"},
    "ranges": [{"when": {}, "metric": "test_accuracy", "low": 0.926, "high": 0.936, "text": {}}],
}


def job(
    recipe: str, metrics: dict[str, Any], lab: Any = None, kind: str = "classification", **changes: Any
) -> Job:
    values = {**all_recipes()[recipe].defaults, **changes}
    return Job(
        recipe=recipe,
        hyperparameters=values,
        lab=lab,
        guess="0.5" if lab else None,
        report={"kind": kind, "metrics": metrics},
    )


def test_the_baseline_the_guess_and_the_range_stand_on_one_scale_with_the_run() -> None:
    metrics = {"test_accuracy": 0.93, "baseline_accuracy": 0.1135, "test_loss": 0.2}
    found = headline(job("mnist-mlp", metrics, LAB), all_recipes()["mnist-mlp"])
    assert found is not None
    assert (found.label, found.text, found.ends) == ("Test accuracy", "93.00%", ("0%", "100%"))
    places = [(mark.kind, mark.x, mark.until) for mark in found.marks]
    assert places == [("baseline", 114, None), ("guess", 500, None), ("range", 926, 936), ("run", 930, None)]


def test_the_range_is_of_these_settings_alone() -> None:
    found = headline(
        job("mnist-mlp", {"test_accuracy": 0.93}, LAB, learning_rate=0.5), all_recipes()["mnist-mlp"]
    )
    assert found is not None
    assert [mark.kind for mark in found.marks] == ["guess", "run"]


def test_a_loss_that_exploded_stays_on_the_scale() -> None:
    metrics = {"test_loss": 1.6e10, "baseline_loss": 100.0}
    found = headline(job("line", metrics, kind="regression"), all_recipes()["line"])
    assert found is not None
    assert [(mark.kind, mark.x) for mark in found.marks] == [("baseline", 303), ("run", 1000)]


def test_a_recipe_of_another_kind_shows_the_first_row_of_its_report_and_no_metric_is_no_number() -> None:
    recipe = next(recipe for recipe in all_recipes().values() if recipe.report)
    metric = recipe.report[0].metric
    found = headline(job(recipe.slug, {metric: 0.5, "test_loss": 2.0}, kind="other"), recipe)
    assert found is not None and found.metric == metric and not found.marks
    assert headline(job("line", {"test_loss": None}, kind="regression"), None) is None


def test_a_recipe_may_name_another_number_than_the_accuracy() -> None:
    metrics = {
        "test_accuracy": 0.9,
        "baseline_accuracy": 0.87,
        "test_f1": 0.5,
        "baseline_f1": 0.0,
        "linear_f1": 0.4,
    }
    found = headline(job("text-filter", metrics), all_recipes()["text-filter"])
    assert found is not None and (found.metric, found.text) == ("test_f1", "50.00%")
    assert [(mark.kind, mark.x) for mark in found.marks] == [("baseline", 0), ("baseline", 400), ("run", 500)]
