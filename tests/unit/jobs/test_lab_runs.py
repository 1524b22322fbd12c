"""What a lab's list says of each training, and what figures get of them."""

from typing import Any

from app.jobs.lab_runs import SHOWN, lab_runs, run_points
from app.jobs.models import Job
from app.recipes.recipe import all_recipes

RECIPE = all_recipes()["mnist-mlp"]
LAB = {"key": "one", "defaults": {"epochs": 3}, "fixed": {}, "hidden": [], "shown": []}


def job(state: str = "succeeded", accuracy: float | None = 0.9, **changes: Any) -> Job:
    settings = RECIPE.defaults | {"epochs": 3} | changes
    return Job(recipe=RECIPE.slug, hyperparameters=settings, lab=LAB, state=state, test_accuracy=accuracy)


def test_each_training_is_compared_with_the_one_before_and_the_first_with_the_start() -> None:
    jobs = [job(epochs=3, learning_rate=1.0), job(epochs=5, scale_pixels=False), job(epochs=5)]
    runs = lab_runs([(each, None) for each in jobs], RECIPE)
    found = [[(label.en, before, now) for label, before, now in run.changes] for run in runs]
    assert found == [
        [("Epochs", "5", "3"), ("Learning rate", "0.1", "1"), ("Scale the pixels", False, True)],
        [("Scale the pixels", True, False)],
        [("Epochs", "3", "5")],
    ]
    assert [run.is_first for run in runs] == [False, False, True]
    assert runs[0].fields["learning_rate"] == "1" and runs[1].fields["scale_pixels"] == ""


def test_the_oldest_that_is_listed_is_compared_with_one_that_is_not() -> None:
    jobs = [job(epochs=number) for number in range(9, 1, -1)]
    runs = lab_runs([(each, None) for each in jobs], RECIPE)
    assert len(runs) == SHOWN
    assert [change[1:] for change in runs[-1].changes] == [("4", "5")] and not runs[-1].is_first


def test_only_what_has_ended_well_says_what_came_out() -> None:
    jobs = [(job("running"), None), (job(accuracy=None), 0.25), (job("failed"), None)]
    assert [(run.accuracy, run.loss) for run in lab_runs(jobs, RECIPE)] == [
        (None, None),
        (None, 0.25),
        (None, None),
    ]
    (point,) = run_points(jobs, RECIPE)
    assert (point["accuracy"], point["loss"], point["changed"]) == (None, 0.25, [])


def test_a_point_names_the_settings_that_differ_from_the_start_but_for_the_seed() -> None:
    (point,) = run_points([(job(learning_rate=0.3, seed=7), None)], RECIPE)
    assert point["changed"] == ["learning_rate"]


def test_a_lab_whose_recipe_is_gone_lists_its_trainings_without_changes() -> None:
    (run,) = lab_runs([(job(), None)], None)
    assert (run.changes, run.accuracy, run.fields) == ((), 0.9, {})
