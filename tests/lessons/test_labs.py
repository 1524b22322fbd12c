"""Every lab trains as it is, and its goal can be reached from there, without reducing what the goal depends on.

What reaches a goal (`solution`), and how a lab fails that is meant to (`fails_as`), is in its lesson.toml.
"""

import pytest

from app.core.config import ROOT
from worker.trials import labs_of, train_lab

LABS = [
    pytest.param(lab, id=f"{lesson}:{lab.key}") for lesson, lab in labs_of(ROOT / "content" / "deep-learning")
]


@pytest.mark.parametrize("lab", LABS)
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
    assert not set(lab.solution) & {*lab.fixed, *lab.hidden}
    assert set(lab.solution) <= set(lab.shown)
    assert not trial.goal_reached, "a goal that the starting values reach teaches nothing"
    assert train_lab(lab, lab.solution).goal_reached
