"""The rules on recorded trainings (`python -m bench.record_runs` makes them anew); a run's folder is its verdict."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.jobs.verdict import rules
from app.jobs.verdict.rules import RULES, verdict_of
from app.jobs.verdict.run import Kind, Run, run_of
from app.jobs.verdict.words import in_words
from app.recipes.recipe import all_recipes

RUNS_DIR = Path(__file__).parent / "runs"
FILES = sorted(RUNS_DIR.glob("*/*.json"))
NONE = "none"


def read(path: Path, locked: Iterable[str] = ()) -> Run:
    run: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    recipe = all_recipes()[run["recipe"]]
    free = {h.name: h for h in recipe.hyperparameters if h.name not in locked}
    epochs = [
        (n, {"loss": loss, "val_loss": val_loss}) for n, (loss, val_loss) in enumerate(run["epochs"], 1)
    ]
    return run_of(run["report"], epochs, run["settings"], free)


def runs_of(kind: str) -> list[Run]:
    return [read(path) for path in FILES if path.parent.name == kind]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_recorded_training_gets_its_verdict(path: Path) -> None:
    verdict = verdict_of(read(path))
    assert (verdict.kind if verdict else NONE) == path.parent.name


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if rule is not rules.healthy], ids=lambda rule: rule.__name__
)
def test_no_other_rule_applies_to_a_healthy_training(rule: Any) -> None:
    healthy = runs_of(Kind.HEALTHY)
    assert len(healthy) >= 10 and sum(run.units >= rules.UNITS for run in healthy) >= 5
    assert [rule(run) for run in healthy] == [None] * len(healthy)


def test_every_kind_is_recorded_and_the_files_stay_small() -> None:
    assert {path.parent.name for path in FILES} == {*Kind, NONE}
    assert all(len(runs_of(kind)) > 1 for kind in Kind)
    assert sum(path.stat().st_size for path in FILES) < 200_000


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_proposed_change_is_valid_and_its_sentence_has_every_number(path: Path) -> None:
    run = read(path)
    if (verdict := verdict_of(run)) is None:
        return
    text = in_words(verdict, run, str)
    assert text.title and "{" not in text.text and "–" not in text.text
    if verdict.change:
        new = verdict.change.value
        assert run.free[verdict.change.setting].check(new) == new != run.settings[verdict.change.setting]
        assert text.change_query and f"setting={verdict.change.setting}" in text.change_query


def test_what_a_lab_locks_is_not_proposed() -> None:
    for path in FILES:
        free = read(path, locked=all_recipes()[json.loads(path.read_text())["recipe"]].defaults)
        verdict = verdict_of(free)
        assert verdict is None or verdict.change is None


def test_a_regression_has_no_verdict_about_classes_or_accuracies() -> None:
    regressions = [run for run in map(read, FILES) if run.kind == "regression"]
    assert len(regressions) >= 8
    for run in regressions:
        assert rules.one_class(run) is None and rules.few_examples(run) is None
        verdict = verdict_of(run)
        assert verdict is None or not any("accuracy" in name for name in verdict.evidence)


def test_two_epochs_are_no_trend() -> None:
    for run in map(read, FILES):
        short = replace(run, epochs=run.epochs[:2])
        for rule in (
            rules.small_rate,
            rules.overfitting,
            rules.still_falling,
            rules.lucky_validation,
            rules.healthy,
        ):
            assert rule(short) is None


def test_a_report_of_another_kind_has_no_verdict() -> None:
    run = replace(runs_of(Kind.HEALTHY)[0], kind="segmentation", metrics={"test_iou": 0.5})
    assert verdict_of(run) is None
