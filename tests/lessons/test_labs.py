"""Every lab trains as it is, and its goal can be reached from there, without reducing what the goal depends on.

What reaches a goal (`solution`), and how a lab fails that is meant to (`fails_as`), is in its lesson.toml. Labs whose recipe takes
half a minute or more are trained here for an epoch on a few examples; `script/bench lab_ranges` trains them in full and says which goal
is missed.
"""

import pytest

from app.core.config import ROOT
from worker.trials import is_long, labs_of, train_lab

LABS = [(lesson, lab) for lesson, lab in labs_of(ROOT / "content" / "deep-learning")]
SAMPLE = 300


def parameters(*, long: bool):
    return [pytest.param(lab, id=f"{lesson}:{lab.key}") for lesson, lab in LABS if is_long(lab) == long]


@pytest.mark.parametrize(
    "lab", [lab for _lesson, lab in LABS], ids=[f"{lesson}:{lab.key}" for lesson, lab in LABS]
)
def test_what_reaches_a_goal_can_be_changed_in_the_labs_form(lab):
    assert not set(lab.solution) & {*lab.fixed, *lab.hidden}
    assert set(lab.solution) <= set(lab.shown)


@pytest.mark.parametrize("lab", parameters(long=False))
def test_a_lab_trains_as_it_stands_and_its_goal_is_reached_by_changing_what_its_form_shows(lab):
    trial = train_lab(lab, {})
    assert trial.outcome == ("diverged" if lab.fails_as == "diverged" else "completed")
    if lab.fails_as == "stuck":
        assert trial.metrics["test_accuracy"] < 0.12
    if lab.guess and lab.guess.metric:
        assert lab.guess.metric in trial.metrics
    if not lab.solution:
        assert trial.goal_reached
        return
    assert not trial.goal_reached, "a goal that the starting values reach teaches nothing"
    assert train_lab(lab, lab.solution).goal_reached


@pytest.mark.parametrize("lab", parameters(long=True))
def test_a_long_lab_trains_and_measures_what_its_guess_and_its_goal_ask_for(lab):
    for changes in ({}, lab.solution):
        trial = train_lab(lab, {**changes, "epochs": 1}, sample=SAMPLE)
        asked = {lab.guess.metric} if lab.guess and lab.guess.metric else set()
        asked |= (
            {condition.metric for condition in lab.goal.conditions if condition.metric} if lab.goal else set()
        )
        # So short a training may end before it diverges: that it does in full, `lab_ranges` asks.
        may_diverge = lab.fails_as == "diverged" and not changes
        assert trial.outcome in {"completed", *(["diverged"] if may_diverge else [])}
        assert asked <= set(trial.metrics)
