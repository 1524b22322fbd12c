"""Why a training failed, and what would mend it."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from app.core.i18n import N_, in_language
from app.core.i18n import gettext as _
from app.jobs.models import Job
from app.jobs.result.reasons import OUT_OF_MEMORY, TOO_LONG
from app.labs.service import locked_values
from app.recipes.recipe import Hyperparameter, Recipe, Value
from app.web.templating import gap

MEMORY_USED = N_("It held {needed_mb} MB when it was stopped; its recipe may use {limit_mb} MB.")
MEMORY_LIMIT = N_("Its recipe may use {limit_mb} MB.")
EPOCHS_DONE = N_("It finished {done} of {epochs} epochs in that time.")
# What a training's memory and time grow with, the first to be changed first.
MEMORY_SETTINGS = ("batch_size", "units", "filters", "width", "depth", "train_size")
TIME_SETTINGS = ("epochs", "train_size", "units", "filters", "depth")


@dataclass(frozen=True)
class FailureText:
    """`mend_query` prefills the form of a repetition with the mended setting; without one it is empty."""

    text: str
    mend: str
    mend_query: str = ""


def failure_text(job: Job, recipe: Recipe | None, epochs_done: int) -> FailureText | None:
    """None for a job that did not fail, or did not say why."""
    if not job.failure:
        return None
    message, values = job.failure["message"], job.failure["values"]
    text = _(message).format(**values)
    for more in _evidence(message, values, job, epochs_done):
        text += gap() + more
    change = _change(message, job, recipe, epochs_done) if recipe else None
    if change is None:
        return FailureText(text, _("Run it again"))
    setting, value = change
    mend = _("Mend and run again: {setting} = {value}").format(
        setting=in_language(setting.label), value=setting.as_text(value)
    )
    return FailureText(text, mend, urlencode({"setting": setting.name, "value": setting.as_text(value)}))


def _evidence(message: str, values: Mapping[str, Value], job: Job, epochs_done: int) -> list[str]:
    if message == OUT_OF_MEMORY and "limit_mb" in values:
        sentence = MEMORY_USED if "needed_mb" in values else MEMORY_LIMIT
        return [_(sentence).format(**{name: f"{value:,}" for name, value in values.items()})]
    if message == TOO_LONG:
        return [_(EPOCHS_DONE).format(done=epochs_done, epochs=job.hyperparameters.get("epochs", 0))]
    return []


def _change(message: str, job: Job, recipe: Recipe, epochs_done: int) -> tuple[Hyperparameter, Value] | None:
    """One setting to make smaller, of those that its owner may change; so many epochs as fitted into the time."""
    names = {OUT_OF_MEMORY: MEMORY_SETTINGS, TOO_LONG: TIME_SETTINGS}.get(message, ())
    locked = locked_values(recipe, job.lab)
    free = {
        h.name: h for h in recipe.hyperparameters if h.name not in locked and h.name in job.hyperparameters
    }
    for setting in (free[name] for name in names if name in free):
        if setting.kind != "integer":
            continue
        now, least = int(job.hyperparameters[setting.name]), int(setting.minimum or 1)
        smaller = max(least, epochs_done if setting.name == "epochs" and 0 < epochs_done < now else now // 2)
        if smaller < now:
            return setting, smaller
    return None
