"""Test pictures that no longer stand where those of training stood."""

import keras
import numpy as np
import pytest

from app.recipes.program import program_cells
from worker.kit.images import moved
from worker.recipes import default_hyperparameters, load_recipe


def test_what_leaves_a_moved_picture_is_lost_and_what_comes_in_is_black():
    picture = np.arange(1, 7, dtype="float32").reshape(1, 2, 3, 1)
    assert moved(picture, 1)[0, ..., 0].tolist() == [[0, 1, 2], [0, 4, 5]]
    assert np.array_equal(moved(picture, 0), picture)


def test_a_training_is_also_tested_on_moved_pictures(train_sample, tmp_path):
    settings = {"epochs": 5, "learning_rate": 0.01, "shift": 4}
    channel = train_sample("mnist-cnn", sample=500, **settings)
    (tmp_path / "model.keras").write_bytes(channel.artefacts["model.keras"])
    model = keras.models.load_model(tmp_path / "model.keras")
    data = load_recipe("mnist-cnn").load(default_hyperparameters("mnist-cnn")).first(500)
    answers = model.predict(moved(data.x_test, 4), verbose=0).argmax(axis=1)
    metrics = channel.report["metrics"]
    assert metrics["moved_accuracy"] == pytest.approx(np.mean(answers == data.y_test))
    # The pictures themselves stay as they are.
    assert metrics["moved_accuracy"] < metrics["test_accuracy"]
    assert load_recipe("mnist-cnn").measure(model, data, default_hyperparameters("mnist-cnn", shift=0)) == {}


@pytest.mark.parametrize(
    ("recipe", "measures"), [("mnist-mlp", True), ("mnist-cnn", True), ("fashion-cnn", False)]
)
def test_the_notebook_ends_with_what_the_recipe_measures(recipe, measures):
    last = program_cells(recipe, "mnist", default_hyperparameters(recipe))[-1]
    assert (last == "measure(model, data, hyperparameters)") == measures
