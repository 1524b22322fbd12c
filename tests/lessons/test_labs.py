"""Every lab trains as it stands, and its goal can be reached from there: nothing is reduced that the goal depends on."""

import pytest

from bench.lab_ranges import SOLUTIONS, all_labs, train_lab

LABS = [pytest.param(lesson, lab, id=f"{lesson}:{lab.key}") for lesson, lab in all_labs()]
WITH_SOLUTION = [param for param in LABS if SOLUTIONS.get((param.values[0], param.values[1].key))]

# Labs that begin with a failure on purpose, and how it shows: the outcome, or a test accuracy no better than naming
# one digit for every picture.
FAILURES = {
    ("04-linear-regression", "explode"): "diverged",
    ("04-linear-regression", "mend"): "diverged",
    ("07-backprop", "vanish"): "stuck",
    ("07-backprop", "all-zero"): "stuck",
}


@pytest.mark.parametrize("lesson, lab", LABS)
def test_a_lab_trains_as_it_stands(lesson, lab):
    run = train_lab(lab, {})
    failure = FAILURES.get((lesson, lab.key))
    assert run.outcome == ("diverged" if failure == "diverged" else "completed")
    if failure == "stuck":
        assert run.metrics["test_accuracy"] < 0.12
    if lab.guess and lab.guess.metric:
        assert lab.guess.metric in run.metrics
    if not SOLUTIONS[lesson, lab.key]:
        assert run.goal_reached


@pytest.mark.parametrize("lesson, lab", WITH_SOLUTION)
def test_the_goal_of_a_lab_is_reached_by_changing_what_its_form_shows(lesson, lab):
    solution = SOLUTIONS[lesson, lab.key]
    assert not set(solution) & {*lab.fixed, *lab.hidden}
    assert set(solution) <= set(lab.shown)
    assert not train_lab(lab, {}).goal_reached, "a goal that the starting values reach teaches nothing"
    assert train_lab(lab, solution).goal_reached


def test_every_lab_has_a_solution():
    assert {(lesson, lab.key) for lesson, lab in all_labs()} == set(SOLUTIONS)
