"""What the small recipes of the first lessons show, and that their experiments turn out as the lessons say."""

import base64

import numpy as np
import pytest

from worker.kit.figures import RANGE, boundary, template_figure
from worker.recipes import default_hyperparameters, load_recipe


def figure(channel, kind: str) -> dict:
    return next(figure for figure in channel.report["figures"] if figure["kind"] == kind)


def test_a_standardised_line_finds_the_least_squares_fit(train_sample):
    channel = train_sample("line", standardise=True, learning_rate=0.1, epochs=30)
    fit = figure(channel, "fit-line")
    for name, value in fit["least_squares"].items():
        assert fit["line"][name] == pytest.approx(value, abs=0.05)
    assert channel.epochs[-1].extra["line"] == fit["line"]
    assert len(fit["points"]) == 100


def test_a_rate_of_one_on_standardised_x_never_moves_off_the_first_loss(train_sample):
    channel = train_sample("line", standardise=True, learning_rate=1.0, epochs=10)
    losses = [record.metrics["loss"] for record in channel.epochs]
    assert losses == pytest.approx([408.84] * 10, abs=0.1)
    assert channel.report["outcome"] == "completed"


@pytest.mark.parametrize(
    "settings",
    [{"learning_rate": 0.03}, {"learning_rate": 1.1, "standardise": True}],
    ids=["raw-0.03", "standardised-1.1"],
)
def test_too_large_a_step_explodes(train_sample, settings):
    channel = train_sample("line", epochs=40, **settings)
    assert channel.report["outcome"] == "diverged"


def test_raw_x_learns_with_a_small_rate(train_sample):
    report = train_sample("line", learning_rate=0.01, epochs=40).report
    assert report["outcome"] == "completed"
    assert report["metrics"]["test_loss"] < report["metrics"]["baseline_loss"] / 5


def test_numeric_and_analytic_gradient_agree_before_training(train_sample):
    check = figure(train_sample("line", epochs=1), "gradient-check")
    assert [row["name"] for row in check["rows"]] == ["kernel", "bias"]
    for row in check["rows"]:
        assert row["numeric"] == pytest.approx(row["analytic"], rel=1e-2)
        assert row["analytic"] < -10  # at w = b = 0 both must grow


def test_a_boundary_is_the_probability_at_each_grid_point(train_sample):
    hyperparameters = default_hyperparameters("toy-2d", depth=1)
    recipe = load_recipe("toy-2d")
    model = recipe.build(recipe.load(hyperparameters), hyperparameters)
    shown = boundary(model)
    values = np.frombuffer(base64.b64decode(shown["values"]), np.uint8).reshape(shown["size"], shown["size"])
    corners = np.array([[-RANGE, -RANGE], [RANGE, -RANGE], [-RANGE, RANGE]], dtype="float32")
    expected = 255 * model.predict(corners, verbose=0)[:, 0]
    assert [values[0, 0], values[0, -1], values[-1, 0]] == pytest.approx(expected, abs=0.51)


def test_each_epoch_of_a_toy_carries_its_boundary(train_sample):
    channel = train_sample("toy-2d", epochs=2)
    assert all(record.extra["boundary"]["size"] == 40 for record in channel.epochs)
    assert channel.epochs[0].extra != channel.epochs[1].extra
    assert figure(channel, "boundary")["values"] == channel.epochs[-1].extra["boundary"]["values"]


def test_stacked_linear_layers_do_not_bend_the_boundary(train_sample):
    accuracy = {
        activation: train_sample(
            "toy-2d", sample=500, shape="xor", activation=activation, epochs=15, learning_rate=0.03
        ).report["metrics"]["test_accuracy"]
        for activation in ("linear", "relu")
    }
    assert accuracy["linear"] < 0.8 and accuracy["relu"] > 0.9


@pytest.mark.parametrize("shape", ["spiral", "moons", "circles", "xor"])
def test_flipped_labels_touch_the_training_set_only(shape):
    load = load_recipe("toy-2d").load
    clean = load(default_hyperparameters("toy-2d", shape=shape))
    noisy = load(default_hyperparameters("toy-2d", shape=shape, flipped=0.15))
    assert np.mean(clean.y_train != noisy.y_train) == pytest.approx(0.15)
    assert np.array_equal(clean.y_test, noisy.y_test) and np.array_equal(clean.x_train, noisy.x_train)
    assert np.abs(clean.x_test).max() < 1.3


def test_templates_are_centred_on_zero():
    weights = np.zeros((2, 2, 1))
    weights[0, 0, 0], weights[1, 1, 0] = 0.5, -0.25
    shown = template_figure(weights, ("0",))
    assert shown["scale"] == 0.5
    assert list(base64.b64decode(shown["templates"][0]["values"])) == [255, 128, 128, 64]


def test_zero_weights_start_at_the_surprise_of_ten_equal_guesses(train_sample):
    channel = train_sample("mnist-linear", initializer="zeros", epochs=1)
    assert channel.report["metrics"]["initial_loss"] == pytest.approx(np.log(10), abs=1e-5)
    assert len(figure(channel, "templates")["templates"]) == 10


@pytest.mark.parametrize("table", ["breast-cancer", "iris", "wine", "diabetes"])
def test_every_table_has_a_guess_and_a_linear_model_to_compare_with(train_sample, table):
    rate = 0.01 if table == "diabetes" else 0.1
    report = train_sample("tabular", sample=1000, table=table, learning_rate=rate, epochs=20).report
    metrics = report["metrics"]
    if table == "diabetes":
        assert (
            metrics["linear_loss"] < metrics["baseline_loss"]
            and metrics["test_loss"] < metrics["baseline_loss"]
        )
    else:
        assert metrics["linear_accuracy"] > metrics["baseline_accuracy"]
        assert metrics["test_accuracy"] > metrics["baseline_accuracy"]
    assert len(report["mistakes"][0]["features"]) > 3
