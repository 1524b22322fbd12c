"""A verdict in the reader's language: a title, a sentence with this run's numbers, and the change to try."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from app.core.i18n import N_, in_language
from app.core.i18n import gettext as _
from app.jobs.verdict.run import Change, Kind, Run, Verdict
from app.recipes.recipe import Hyperparameter
from app.web.templating import decimal, gap, percent

TITLES = {
    Kind.DIVERGING: N_("It diverged"),
    Kind.DEAD_UNITS: N_("Many of its units are dead"),
    Kind.ONE_CLASS: N_("It gives everything the same answer"),
    Kind.SMALL_RATE: N_("The steps are too small"),
    Kind.FEW_EXAMPLES: N_("Too few examples"),
    Kind.OVERFITTING: N_("It overfits"),
    Kind.STILL_FALLING: N_("It was still learning"),
    Kind.BELOW_BASELINE: N_("Worse than the simplest guess"),
    Kind.AT_BASELINE: N_("No better than the simplest guess"),
    Kind.LUCKY_VALIDATION: N_("Validation looks better than training"),
    Kind.HEALTHY: N_("A healthy training"),
}

NOT_A_NUMBER = N_(
    "In epoch {epoch} the loss grew beyond every number. The steps were too large: each overshot, and the next had further to go back."
)
EXPLODED = N_(
    "In epoch {epoch} the loss was {loss}, more than ten times the {initial_loss} before training. The steps were too large: each overshot, "
    "and the next had further to go back."
)
DEAD_UNITS = N_(
    "{dead} of its {units} ReLU units, {share}, are zero for every validation example that was looked at. Too large steps have pushed them "
    "below zero, where ReLU has no slope: no gradient brings them back."
)
ONE_CLASS = N_(
    "All {count} test examples got the answer “{name}”, although there are {classes} classes. So the accuracy of {test_accuracy} is "
    "only the share of “{name}” in the test set."
)
SMALL_RATE = N_(
    "Over {epochs} epochs the training loss only went from {first_loss} to {loss}, without slowing down. At a learning rate of "
    "{learning_rate} it would need very many more."
)
FEW_EXAMPLES = N_(
    "It gets {train_accuracy} of its {count} training examples right, but only {test_accuracy} of the test set: it knows these few by heart, "
    "and they do not say enough about the others."
)
OVERFITTING = N_(
    "The validation loss was lowest in epoch {best_epoch}, at {best_val_loss}; by epoch {epochs} it had risen to {val_loss}, while the "
    "training loss fell from {best_loss} to {loss}. Since then it has improved on the training examples only."
)
STILL_FALLING = N_(
    "In the last epochs, {first_epoch} to {epochs}, the validation loss fell from {val_loss_before} to {val_loss}, by {fall}, and the training loss fell "
    "too. More epochs will probably improve it."
)
AGAINST_SHARE = N_(
    "It gets {test_accuracy} of the test set right; always giving the most common answer gets {baseline_accuracy}."
)
AGAINST_LOSS = N_("Its test loss is {test_loss}; always answering with the mean gives {baseline_loss}.")
WITHIN_CHANCE = N_("A difference this small can be chance.")
WITH_DROPOUT = N_(
    "In the last epoch the training loss was {loss} and the validation loss only {val_loss}. Dropout switches neurons off while training, "
    "but not while validating: without it, the loss on the training set is {train_loss}."
)
AVERAGED = N_(
    "In the last epoch the training loss was {loss} and the validation loss only {val_loss}. The training loss is the mean over an epoch in which "
    "the weights still change, validation comes at its end: measured there too, the loss on the training set is {train_loss}."
)
HEALTHY_SHARE = N_(
    "The test set is answered about as well as the training set: {test_accuracy} and {train_accuracy} are right, where always giving the most "
    "common answer gets {baseline_accuracy}. Another seed shows how much of it is luck."
)
HEALTHY_LOSS = N_(
    "The loss is {test_loss} on the test set and {train_loss} on the training set, where always answering with the mean gives {baseline_loss}. "
    "Another seed shows how much of it is luck."
)

SENTENCES = {
    Kind.DEAD_UNITS: DEAD_UNITS,
    Kind.ONE_CLASS: ONE_CLASS,
    Kind.SMALL_RATE: SMALL_RATE,
    Kind.FEW_EXAMPLES: FEW_EXAMPLES,
    Kind.OVERFITTING: OVERFITTING,
    Kind.STILL_FALLING: STILL_FALLING,
}


@dataclass(frozen=True)
class VerdictText:
    """`change_query` prefills the form of a repetition; without a change both are None."""

    kind: str
    title: str
    text: str
    change: str | None = None
    change_query: str | None = None


def in_words(verdict: Verdict, run: Run, label: Callable[[str], str]) -> VerdictText:
    """`label` gives the localised name of a class."""
    numbers = {name: _number(name, value) for name, value in verdict.evidence.items()}
    if "name" in numbers:
        numbers["name"] = label(numbers["name"])
    text = _(_sentence(verdict)).format(**numbers)
    if verdict.kind == Kind.AT_BASELINE:
        text += gap() + _(WITHIN_CHANCE)
    if verdict.change is None:
        return VerdictText(verdict.kind, _(TITLES[verdict.kind]), text)
    hyperparameter = run.free[verdict.change.setting]
    return VerdictText(
        verdict.kind,
        _(TITLES[verdict.kind]),
        text,
        _change_words(hyperparameter, verdict.change),
        urlencode({"setting": hyperparameter.name, "value": hyperparameter.as_text(verdict.change.value)}),
    )


def _sentence(verdict: Verdict) -> str:
    evidence = verdict.evidence
    is_share = "test_accuracy" in evidence
    if verdict.kind == Kind.DIVERGING:
        return NOT_A_NUMBER if evidence["loss"] is None else EXPLODED
    if verdict.kind in {Kind.BELOW_BASELINE, Kind.AT_BASELINE}:
        return AGAINST_SHARE if is_share else AGAINST_LOSS
    if verdict.kind == Kind.LUCKY_VALIDATION:
        return WITH_DROPOUT if "dropout" in evidence else AVERAGED
    if verdict.kind == Kind.HEALTHY:
        return HEALTHY_SHARE if is_share else HEALTHY_LOSS
    return SENTENCES[verdict.kind]


def _number(name: str, value: float | int | str | None) -> str:
    if isinstance(value, float):
        if name.endswith("accuracy"):
            return percent(value, 2)
        if name in {"fall", "share"}:
            return percent(value)
        return f"{value:g}" if name == "learning_rate" else decimal(value)
    return str(value)


def _change_words(hyperparameter: Hyperparameter, change: Change) -> str:
    if isinstance(change.value, bool):
        value = _("on") if change.value else _("off")
    else:
        shown = hyperparameter.as_words(change.value)
        value = shown if isinstance(shown, str) else in_language(shown)
    return _("Run again with {setting} = {value}").format(
        setting=in_language(hyperparameter.label), value=value
    )
