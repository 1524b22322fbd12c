"""Why a training failed, and which one setting mends it."""

from typing import Any
from urllib.parse import parse_qs

import pytest

from app.core.i18n import current_language
from app.jobs.models import Job
from app.jobs.result.failures import FailureText, failure_text
from app.jobs.result.reasons import FAULTY, INTERRUPTED_TOO_OFTEN, OUT_OF_MEMORY, TOO_LONG
from app.recipes.recipe import all_recipes


@pytest.fixture(autouse=True)
def _english() -> Any:
    token = current_language.set("en")
    yield
    current_language.reset(token)


def said(message: str, lab: Any = None, done: int = 0, values: Any = None, **changes: Any) -> FailureText:
    recipe = all_recipes()["mnist-cnn"]
    job = Job(
        recipe=recipe.slug,
        hyperparameters={**recipe.defaults, **changes},
        lab=lab,
        failure={"message": message, "values": values or {}},
    )
    text = failure_text(job, recipe, done)
    assert text is not None
    return text


def test_too_little_memory_names_what_it_used_and_halves_the_batch() -> None:
    text = said(OUT_OF_MEMORY, values={"limit_mb": 4000, "needed_mb": 4210}, batch_size=512)
    assert "It held 4,210 MB when it was stopped; its recipe may use 4,000 MB." in text.text
    assert text.mend == "Mend and run again: Batch size = 256"
    assert parse_qs(text.mend_query) == {"setting": ["batch_size"], "value": ["256"]}


def test_a_setting_at_its_least_or_locked_by_the_lab_is_not_proposed() -> None:
    lab = {"defaults": {}, "fixed": {"filters": 16}, "hidden": [], "shown": []}
    assert "Filters" in said(OUT_OF_MEMORY, batch_size=8).mend
    assert "Filters" not in said(OUT_OF_MEMORY, lab, batch_size=8).mend
    # As a job of before is stored, whose failure has no numbers.
    assert "MB" not in said(OUT_OF_MEMORY).text


def test_too_little_time_proposes_the_epochs_that_fitted() -> None:
    text = said(TOO_LONG, values={"minutes": 15}, done=7, epochs=20)
    assert "It finished 7 of 20 epochs in that time." in text.text
    assert text.mend == "Mend and run again: Epochs = 7"
    assert said(TOO_LONG, values={"minutes": 15}, done=0, epochs=20).mend.endswith("Epochs = 10")


@pytest.mark.parametrize(
    ("message", "values"), [(INTERRUPTED_TOO_OFTEN, {"count": 3}), (FAULTY, {"error": "ValueError: x"})]
)
def test_what_no_setting_mends_is_offered_again_as_it_was(message: str, values: Any) -> None:
    text = said(message, values=values)
    assert (text.mend, text.mend_query) == ("Run it again", "")


def test_a_recipe_that_is_gone_leaves_the_reason() -> None:
    job = Job(recipe="gone", hyperparameters={}, failure={"message": OUT_OF_MEMORY, "values": {}})
    text = failure_text(job, None, 0)
    assert text is not None and text.mend_query == "" and text.text
    assert failure_text(Job(recipe="gone", hyperparameters={}), None, 0) is None
