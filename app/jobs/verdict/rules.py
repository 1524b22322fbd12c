"""The rules: each reads one run and returns its verdict, or None where the run does not show it, or hardly.

Causes come before symptoms, so the first rule that applies is the verdict. A rule that needs a metric returns None for
a recipe without it.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import inf
from statistics import median

from app.jobs.verdict.run import Change, Kind, Run, Verdict

# As in worker.runner: a loss this many times above the one before training has exploded.
EXPLODED = 10
# Fewer epochs do not make a trend.
TREND = 4
RISE, FALL = 1.1, 0.95
# The setting with the number of training examples; under this share of its maximum they are few.
EXAMPLES = ("train_size", "points")
FEW = 0.05
MEMORISED = 0.08
ALIKE = 0.06
# Of what the baseline leaves to be gained: a straight line through a circle may be above chance, and is not healthy.
GAINED = 0.25
# Some dead units are usual, and of few units a few may be dead by chance.
DEAD, UNITS = 0.4, 16


def verdict_of(run: Run) -> Verdict | None:
    return next((verdict for rule in RULES if (verdict := rule(run))), None)


def diverging(run: Run) -> Verdict | None:
    """The loss became infinite, or ended far above its start."""
    initial = run.metric("initial_loss")
    limit = inf if initial is None else EXPLODED * initial
    first = next(
        (
            each
            for each in run.epochs
            if each.loss is None or each.val_loss is None or max(each.loss, each.val_loss) > limit
        ),
        None,
    )
    if run.outcome != "diverged" or first is None:
        return None
    evidence = {"epoch": first.number, "initial_loss": initial, "loss": _larger(first.loss, first.val_loss)}
    return Verdict(Kind.DIVERGING, evidence, _smaller_steps(run))


def _larger(loss: float | None, val_loss: float | None) -> float | None:
    return None if loss is None or val_loss is None else max(loss, val_loss)


def _smaller_steps(run: Run) -> Change | None:
    """A tenth of the learning rate, or the recipe's own if that is smaller; for one that is not large, scaled inputs."""
    tenth, usual = run.times("learning_rate", 0.1), run.as_by_default("learning_rate")
    if not _is_rate_large(run):
        unscaled = [name for name in ("scale_pixels", "standardise") if run.settings.get(name) is False]
        return next(filter(None, (run.with_value(name, True) for name in unscaled)), tenth)
    return usual if tenth and usual and float(usual.value) < float(tenth.value) else tenth


def dead_units(run: Run) -> Verdict | None:
    """Many ReLU units are zero for every validation example: too large steps have pushed them there, and no gradient brings them back.

    Weights that all began at zero are another matter.
    """
    if run.units < UNITS or run.dead < DEAD * run.units or run.settings.get("initializer") == "zeros":
        return None
    evidence = {"dead": run.dead, "units": run.units, "share": run.dead / run.units}
    return Verdict(Kind.DEAD_UNITS, evidence, _smaller_steps(run))


def one_class(run: Run) -> Verdict | None:
    """Every test example got the same answer."""
    answered = [sum(column) for column in zip(*run.confusion, strict=True)]
    truly = [row for row in run.confusion if sum(row)]
    if not run.is_classification or run.tested < 20 or len(truly) < 2 or max(answered) < run.tested:
        return None
    chosen = answered.index(run.tested)
    evidence: dict[str, float | int | str | None] = {
        "name": run.classes[chosen],
        "count": run.tested,
        "test_accuracy": run.metric("test_accuracy"),
        "classes": len(run.classes),
    }
    return Verdict(Kind.ONE_CLASS, evidence, _out_of_one_answer(run))


def _out_of_one_answer(run: Run) -> Change | None:
    if run.settings.get("initializer") == "zeros" and run.settings.get("depth"):
        return run.as_by_default("initializer")
    if small_rate(run):
        return run.times("learning_rate", 10)
    return _back_from_extremes(run)


def _back_from_extremes(run: Run) -> Change | None:
    """A decision threshold, or a larger learning rate than the recipe's, back at the recipe's value."""
    is_detection = run.metric("test_recall") is not None
    if is_detection and (change := run.as_by_default("threshold")):
        return change
    return run.as_by_default("learning_rate") if _is_rate_large(run) else None


def _is_rate_large(run: Run) -> bool:
    rate, usual = run.number("learning_rate"), run.free.get("learning_rate")
    return rate is not None and usual is not None and rate > float(usual.default)


def small_rate(run: Run) -> Verdict | None:
    """The training loss fell evenly and by hardly anything: a finished training slows down instead."""
    losses = run.losses
    if len(losses) < TREND + 1 or run.number("learning_rate") is None:
        return None
    first, middle, last = losses[0], losses[len(losses) // 2], losses[-1]
    is_even = all(after <= before for before, after in pairwise(losses))
    is_steady = middle - last >= 0.6 * (first - middle) > 0
    if not (is_even and is_steady and first - last < 0.1 * first):
        return None
    evidence = {
        "epochs": len(losses),
        "first_loss": first,
        "loss": last,
        "learning_rate": run.number("learning_rate"),
    }
    return Verdict(Kind.SMALL_RATE, evidence, run.times("learning_rate", 10))


def few_examples(run: Run) -> Verdict | None:
    """Few training examples, known by heart: much better on them than on the test set."""
    name = next((name for name in EXAMPLES if name in run.settings), "")
    count, hyperparameter = run.number(name), run.free.get(name)
    train, test = run.metric("train_accuracy"), run.metric("test_accuracy")
    if not run.is_classification or None in (count, train, test) or hyperparameter is None:
        return None
    assert count is not None and train is not None and test is not None
    if count > FEW * (hyperparameter.maximum or 0) or train - test < MEMORISED + run.chance:
        return None
    evidence = {"count": int(count), "train_accuracy": train, "test_accuracy": test}
    return Verdict(Kind.FEW_EXAMPLES, evidence, run.times(name, 4))


def overfitting(run: Run) -> Verdict | None:
    """Since an earlier epoch the validation loss has risen while the training loss fell on."""
    losses, val_losses = run.losses, run.val_losses
    if len(losses) < TREND + 1 or len(val_losses) != len(losses):
        return None
    best = val_losses.index(min(val_losses))
    # With their neighbours, so that a single lucky or unlucky epoch does not count.
    lowest, latest = median(val_losses[max(best - 1, 0) : best + 2]), median(val_losses[-3:])
    has_risen = min(latest, val_losses[-1]) >= RISE * lowest
    if len(losses) - best < TREND or not has_risen or losses[-1] > 0.95 * losses[best]:
        return None
    evidence = {
        "best_epoch": best + 1,
        "best_val_loss": val_losses[best],
        "epochs": len(losses),
        "val_loss": val_losses[-1],
        "best_loss": losses[best],
        "loss": losses[-1],
    }
    return Verdict(Kind.OVERFITTING, evidence, run.with_value("epochs", best + 1))


def still_falling(run: Run) -> Verdict | None:
    """Both losses still fell in the last fifth of the epochs, so more of them will help."""
    losses, val_losses = run.losses, run.val_losses
    if len(losses) < TREND or len(val_losses) != len(losses):
        return None
    if not (_fell(losses) and _fell(val_losses)) or _has_little_to_learn(run):
        return None
    back = _last_fifth(losses)
    evidence = {
        "first_epoch": len(losses) - back,
        "epochs": len(losses),
        "val_loss_before": val_losses[-1 - back],
        "val_loss": val_losses[-1],
        "fall": 1 - val_losses[-1] / val_losses[-1 - back],
    }
    return Verdict(Kind.STILL_FALLING, evidence, run.times("epochs", 2))


def _last_fifth(values: Sequence[float]) -> int:
    return max(1, len(values) // 5)


def _fell(values: Sequence[float]) -> bool:
    """Whether they ended lowest, and clearly below where their last fifth began."""
    return values[-1] == min(values) and values[-1] < FALL * values[-1 - _last_fifth(values)]


def _has_little_to_learn(run: Run) -> bool:
    return run.is_classification and (run.metric("train_accuracy") or 0) > 0.99


def standing(run: Run) -> str | None:
    """ "below", "at" or "above" the baseline; None if there is nothing to compare, or the accuracy would mislead."""
    if run.metric("baseline_f1") is not None:
        return None
    if run.is_classification:
        reached, baseline = run.metric("test_accuracy"), run.metric("baseline_accuracy")
        if reached is None or baseline is None or not run.tested:
            return None
        gain, chance = reached - baseline, run.chance
    else:
        loss, baseline = run.metric("test_loss"), run.metric("baseline_loss")
        if run.kind != "regression" or loss is None or not baseline:
            return None
        gain, chance = 1 - loss / baseline, 0.1
    return "above" if gain > chance else "below" if gain < -chance else "at"


def below_baseline(run: Run) -> Verdict | None:
    if standing(run) != "below":
        return None
    change = _back_from_extremes(run)
    if change is None and (falling := still_falling(run)):
        change = falling.change
    return Verdict(Kind.BELOW_BASELINE, _against_baseline(run), change)


def at_baseline(run: Run) -> Verdict | None:
    if standing(run) != "at":
        return None
    return Verdict(Kind.AT_BASELINE, _against_baseline(run), _more_than_a_line(run))


def _more_than_a_line(run: Run) -> Change | None:
    """What makes a network out of a single neuron, or out of layers that only add up to one."""
    if run.settings.get("depth") == 0:
        return run.as_by_default("depth")
    if run.settings.get("activation") == "linear":
        return run.as_by_default("activation")
    return _back_from_extremes(run)


def _against_baseline(run: Run) -> dict[str, float | None]:
    names = (
        ("test_accuracy", "baseline_accuracy") if run.is_classification else ("test_loss", "baseline_loss")
    )
    return {name: run.metric(name) for name in names}


def lucky_validation(run: Run) -> Verdict | None:
    """The validation loss is below the training loss, and measuring the latter in the same way explains it."""
    losses, val_losses, measured = run.losses, run.val_losses, run.metric("train_loss")
    if len(losses) < TREND or len(val_losses) != len(losses) or measured is None or standing(run) != "above":
        return None
    recent = zip(losses[-3:], val_losses[-3:], strict=True)
    if not all(loss > 1.05 * val_loss for loss, val_loss in recent) or measured > val_losses[-1]:
        return None
    evidence: dict[str, float | None] = {
        "loss": losses[-1],
        "val_loss": val_losses[-1],
        "train_loss": measured,
    }
    if run.number("dropout") and run.settings.get("depth") != 0:
        evidence["dropout"] = run.number("dropout")
        return Verdict(Kind.LUCKY_VALIDATION, evidence, run.with_value("dropout", 0.0))
    return Verdict(Kind.LUCKY_VALIDATION, evidence)


def healthy(run: Run) -> Verdict | None:
    """Above the baseline, settled, and about as good on the test set as on the training set."""
    val_losses = run.val_losses
    if standing(run) != "above" or len(val_losses) < TREND or val_losses[-1] > RISE * min(val_losses):
        return None
    if _fell(val_losses) and not _has_little_to_learn(run):
        return None
    name = "accuracy" if run.is_classification else "loss"
    train, test = run.metric(f"train_{name}"), run.metric(f"test_{name}")
    if train is None or test is None:
        return None
    is_alike = train - test < ALIKE if run.is_classification else test < 1.5 * train
    if not is_alike:
        return None
    if run.is_classification and test - _baseline(run) < GAINED * (1 - _baseline(run)):
        return None
    evidence = {f"train_{name}": train, **_against_baseline(run)}
    return Verdict(Kind.HEALTHY, evidence, _another_seed(run))


def _baseline(run: Run) -> float:
    return run.metric("baseline_accuracy") or 0.0


def _another_seed(run: Run) -> Change | None:
    seed = run.number("seed")
    return None if seed is None else run.with_value("seed", int(seed) + 1)


# In order of precedence.
RULES: tuple[Callable[[Run], Verdict | None], ...] = (
    diverging,
    dead_units,
    one_class,
    small_rate,
    few_examples,
    overfitting,
    below_baseline,
    still_falling,
    at_baseline,
    lucky_validation,
    healthy,
)
