"""Reports on autoencoders: their errors, what these are compared with, and the latent plane."""

import base64
import io

import keras
import numpy as np
import pytest
from PIL import Image

from worker.kit.data import Data
from worker.kit.reconstruction import latent_plane, reconstruction_report, simple_losses, with_noise
from worker.kit.reports import Report


@pytest.fixture(scope="module")
def data() -> Data:
    """Pictures of 4 x 4 pixels that differ along two directions: two numbers say everything about them."""
    random = np.random.default_rng(0)
    left, top = np.zeros((4, 4, 1)), np.zeros((4, 4, 1))
    left[:, :2], top[:2] = 0.4, 0.5
    shares = random.uniform(0, 1, (40, 2, 1, 1, 1))
    y = (shares[:, 0] * left + shares[:, 1] * top).astype("float32")
    x = 255 * y
    labels = (shares[:, 0] > shares[:, 1]).ravel().astype("int32")
    return Data(x, y, x, y, x, y, names=("wide", "high"), labels_test=labels)


@pytest.fixture(scope="module")
def models() -> tuple[keras.Model, keras.Model, keras.Model]:
    """One that keeps the means of the left half and of the right, and draws each half in its mean."""
    inputs = keras.Input((4, 4, 1))
    code = keras.layers.Flatten(name="code")(keras.layers.AveragePooling2D((4, 2))(inputs))
    codes = keras.Input((2,))
    drawn = keras.layers.UpSampling2D((4, 2))(keras.layers.Reshape((1, 2, 1))(codes))
    decoder = keras.Model(codes, keras.layers.Rescaling(1 / 255)(drawn))
    model = keras.Model(inputs, decoder(code))
    model.compile(loss="mean_squared_error")
    return model, keras.Model(inputs, [model.output, code]), decoder


def report_of(data: Data, models: tuple[keras.Model, keras.Model, keras.Model], noise: float = 0.0) -> Report:
    model, coder, decoder = models
    return reconstruction_report(model, coder, decoder, data, noise)


def decoded(content: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(content))))


def test_two_numbers_are_enough_for_the_best_linear_way_and_none_for_the_mean_picture(data):
    losses = simple_losses(data, 2)
    assert losses["pca_loss"] == pytest.approx(0, abs=1e-10)
    assert losses["mean_picture_loss"] == pytest.approx(
        np.mean((data.y_test - data.y_test.mean(axis=0)) ** 2)
    )
    assert 0 < simple_losses(data, 1)["pca_loss"] < losses["mean_picture_loss"]


def test_the_report_has_the_errors_of_the_pictures_and_shows_the_largest_first(data, models):
    report = report_of(data, models)
    halves = data.y_test.reshape(40, 4, 2, 2).mean(axis=(1, 3), keepdims=True)
    errors = np.mean((data.y_test.reshape(40, 4, 2, 2) - halves) ** 2, axis=(1, 2, 3))
    metrics, figure, try_out = report["metrics"], report["figures"][0], report["try_out"]
    assert metrics["test_loss"] == pytest.approx(errors.mean(), rel=1e-5)
    assert "noisy_test_loss" not in metrics and "noisy" not in figure["first"][0]
    assert [each["error"] for each in figure["worst"]] == pytest.approx(sorted(errors)[::-1][:10], rel=1e-4)
    assert [each["label"] for each in figure["first"]] == ["wide", "wide", "high", "high"]
    index = figure["worst"][0]["index"]
    assert np.array_equal(decoded(figure["worst"][0]["image"]), np.rint(data.x_test[index, ..., 0]))
    drawn = np.broadcast_to(255 * halves[index], (4, 2, 2)).reshape(4, 4)
    assert np.abs(decoded(figure["worst"][0]["drawn"]) - drawn).max() <= 1
    assert try_out["errors"][0] == pytest.approx(errors.min(), abs=1e-7)
    assert len(try_out["errors"]) == 101 and try_out["errors"] == sorted(try_out["errors"])


def test_noisy_pictures_are_compared_with_the_clean_ones(data, models):
    metrics = report_of(data, models, 0.2)["metrics"]
    assert metrics["noise_loss"] == pytest.approx(np.mean((with_noise(data.y_test, 0.2) - data.y_test) ** 2))
    # Means of eight pixels take most of the noise away, and are no cleaner than what they are of the clean pictures.
    assert (
        metrics["test_loss"] < metrics["noisy_test_loss"] < metrics["test_loss"] + 0.5 * metrics["noise_loss"]
    )
    assert np.array_equal(with_noise(data.y_test, 0.2), with_noise(data.y_test, 0.2))


def test_the_plane_has_the_code_of_each_picture_and_what_lies_between_them(data, models):
    report = report_of(data, models)
    plane = report["try_out"]["plane"]
    codes = data.x_test.reshape(40, 4, 2, 2).mean(axis=(1, 3))
    assert np.allclose([point[:2] for point in plane["points"]], codes, atol=1e-3)
    assert [point[2] for point in plane["points"]] == data.labels_test.tolist()
    (left, right), (bottom, top) = plane["range"]
    tiles = decoded(report["figures"][0]["tiles"])
    assert tiles.shape == (48, 48)
    # The first number is the brightness of a left half and grows to the right, the second that of a right half and grows upwards.
    corners = tiles[0, 0], tiles[0, 45], tiles[0, 47], tiles[47, 0], tiles[47, 47]
    assert np.abs(np.array(corners) - np.clip([left, right, top, left, bottom], 0, 255)).max() <= 8


def test_a_few_far_codes_do_not_make_the_plane_a_dot():
    codes = np.random.default_rng(1).normal(size=(1000, 2))
    codes[0] = 1000
    for low, high in latent_plane(codes, np.zeros(1000, int))["range"]:
        assert -4 < low < -2 and 2 < high < 4


def test_without_a_plane_there_is_none(data):
    inputs = keras.Input((4, 4, 1))
    code = keras.layers.Flatten()(inputs)
    decoder = keras.Sequential(
        [keras.Input((16,)), keras.layers.Rescaling(1 / 255), keras.layers.Reshape((4, 4, 1))]
    )
    model = keras.Model(inputs, decoder(code))
    model.compile(loss="mean_squared_error")
    report = reconstruction_report(model, keras.Model(inputs, [model.output, code]), decoder, data, noise=0.0)
    assert "plane" not in report["try_out"] and "tiles" not in report["figures"][0]
    assert report["metrics"]["test_loss"] == pytest.approx(0, abs=1e-10)
