"""Nothing here commits."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.errors import Conflict, Invalid, NotFound
from app.core.i18n import N_
from app.core.i18n import gettext as _
from app.jobs import queries
from app.jobs.models import Job, JobState
from app.jobs.service import get_job, submit_job
from app.labs.service import offered_recipe
from app.recipes.recipe import Recipe, Value

MODEL = "model.keras"
# 0: all layers learn.
MOST_LEARNING = 6
# Of the rate that the weights were trained with: what is learnt already should not be shaken.
SMALLER_RATE = 0.1


def may_continue(job: Job, recipe: Recipe | None) -> bool:
    """Whether its weights can be started from: those of a training that has not diverged, of a recipe that says how."""
    return bool(
        recipe
        and recipe.continuing
        and job.state == JobState.SUCCEEDED
        and (job.report or {}).get("outcome") == "completed"
    )


def open_parent(session: Session, user: User, job_id: UUID) -> tuple[Job, Recipe]:
    """Raises NotFound for another's training, Conflict for one that cannot be continued from."""
    parent = get_job(session, user, job_id)
    recipe = offered_recipe(parent.recipe)
    if recipe is None:
        raise NotFound(N_("This training's recipe is no longer offered."))
    if not may_continue(parent, recipe):
        raise Conflict(N_("There are no weights of this training to continue from."))
    return parent, recipe


def form_of(parent: Job, recipe: Recipe) -> dict[str, Any]:
    """The form as of a lab that locks what the weights depend on."""
    kept = {**recipe.defaults, **known_settings(parent, recipe)}
    hidden = [name for name in kept if name not in recipe.continuing]
    return {
        "key": "",
        "defaults": kept,
        "fixed": {},
        "hidden": hidden,
        "shown": recipe.continuing,
        "guess": None,
    }


def known_settings(parent: Job, recipe: Recipe) -> dict[str, Value]:
    return {name: value for name, value in parent.hyperparameters.items() if name in recipe.defaults}


def starting_changes(parent: Job, recipe: Recipe) -> dict[str, Value]:
    """A smaller learning rate than the parent's."""
    if "learning_rate" not in recipe.continuing:
        return {}
    setting = recipe.hyperparameter("learning_rate")
    rate = float(parent.hyperparameters.get("learning_rate", setting.default)) * SMALLER_RATE
    return {"learning_rate": max(float(f"{rate:.3g}"), float(setting.minimum or 0))}


def checked_learning(text: str) -> int:
    """How many of the last layers learn. Raises Invalid."""
    if text not in {str(count) for count in range(MOST_LEARNING + 1)}:
        raise Invalid({"learning": _("Please choose one of the options.")})
    return int(text)


def submit_continuation(
    session: Session, user: User, parent: Job, recipe: Recipe, values: Mapping[str, Any], learning: str
) -> Job:
    """A job of the same recipe that starts from the parent's weights. Raises Invalid, and Conflict without the parent's file."""
    layers = checked_learning(learning)
    artefact = queries.artefact(session, parent, MODEL)
    if artefact is None or not parent.report:
        raise Conflict(N_("There are no weights of this training to continue from."))
    changed = {name: value for name, value in values.items() if name in recipe.continuing}
    start = {
        "key": artefact.key,
        "weights_sha256": parent.report["weights_sha256"],
        "learning": layers,
    }
    settings = {**recipe.defaults, **known_settings(parent, recipe), **changed}
    return submit_job(session, user, recipe, settings, continued_from=parent, start=start)
