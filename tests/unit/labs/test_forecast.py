"""What stands beside a form: time, parameters, memory."""

from dataclasses import replace

import pytest

from app.core.i18n import current_language
from app.labs.forecast import MeasuredRun, forecast
from app.recipes.recipe import all_recipes
from app.web.templating import rough_duration

MLP = all_recipes()["mnist-mlp"]
CNN = all_recipes()["fashion-cnn"]
RUN = MeasuredRun(MLP.defaults, epochs=5, fit_seconds=10.0, seconds=13.0, parameters=1)


def test_before_any_run_the_recipes_figure_holds_for_its_default_settings_and_is_scaled() -> None:
    seconds = forecast(MLP, MLP.defaults).seconds
    assert seconds == pytest.approx(MLP.estimate.seconds)
    long = forecast(MLP, {**MLP.defaults, "epochs": 30, "train_size": 55000}).seconds
    assert 15 * seconds < long < 6 * 5.5 * seconds


def test_measured_runs_count_more_and_their_median_is_not_moved_by_an_odd_one() -> None:
    runs = [RUN, RUN, replace(RUN, fit_seconds=500.0, seconds=600.0)]
    found = forecast(MLP, MLP.defaults, runs)
    assert found.seconds == pytest.approx(13) and found.runs == 3
    assert forecast(MLP, {**MLP.defaults, "epochs": 10}, runs).seconds == pytest.approx(23)


def test_a_run_that_ended_early_counts_by_the_epochs_it_had() -> None:
    diverged = replace(RUN, epochs=1, fit_seconds=2.0, seconds=5.0)
    assert forecast(MLP, MLP.defaults, [diverged]).seconds == pytest.approx(13)


def test_another_model_is_measured_by_runs_of_that_model() -> None:
    linear = MeasuredRun({**CNN.defaults, "model": "linear"}, 6, 6.0, 8.0, 7850)
    resnet = MeasuredRun({**CNN.defaults, "model": "resnet"}, 6, 600.0, 602.0, 1)
    wanted = forecast(CNN, {**CNN.defaults, "model": "resnet"}, [linear, linear, resnet])
    assert wanted.seconds == pytest.approx(602) and wanted.runs == 1


def test_more_epochs_examples_or_units_never_take_less() -> None:
    for runs in ([], [RUN]):
        for name, larger in (("epochs", 6), ("train_size", 20000), ("units", 512), ("depth", 8)):
            settings = {**MLP.defaults, name: larger}
            assert forecast(MLP, settings, runs).seconds > forecast(MLP, MLP.defaults, runs).seconds, name


def test_memory_is_four_bytes_a_weight_and_as_many_for_each_copy_that_the_optimiser_needs() -> None:
    plain = forecast(MLP, MLP.defaults)
    assert plain.parameters == 785 * 64 + 65 * 64 + 65 * 10
    assert plain.weight_bytes == 4 * plain.parameters and plain.training_bytes == 8 * plain.parameters
    assert forecast(MLP, {**MLP.defaults, "optimizer": "adam"}).training_bytes == 16 * plain.parameters


def test_without_a_formula_the_parameters_are_those_of_a_finished_training_of_the_same_model() -> None:
    without = MLP.model_copy(update={"estimate": MLP.estimate.model_copy(update={"parameters": None})})
    assert forecast(without, MLP.defaults).parameters is None
    run = replace(RUN, parameters=54_000, settings={**MLP.defaults, "epochs": 9, "learning_rate": 0.5})
    assert forecast(without, MLP.defaults, [run]).parameters == 54_000
    assert forecast(without, {**MLP.defaults, "units": 32}, [run]).parameters is None


def test_a_training_beyond_its_limit_is_said_to_be_too_long() -> None:
    assert not forecast(MLP, MLP.defaults, [RUN]).is_too_long
    slow = replace(RUN, fit_seconds=800.0, seconds=803.0)
    assert forecast(MLP, {**MLP.defaults, "epochs": 30}, [slow]).is_too_long


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 s"),
        (8.4, "8 s"),
        (43, "45 s"),
        (58, "1 min"),
        (190, "3 min"),
        (200, "3 min 30 s"),
        (2400, "40 min"),
        (7900, "2 h 10 min"),
        (7200, "2 h"),
    ],
)
def test_a_prediction_is_no_more_precise_than_it_is(seconds: float, words: str) -> None:
    token = current_language.set("en")
    assert rough_duration(seconds) == words
    current_language.reset(token)
