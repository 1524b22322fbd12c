"""Scenes, the weights of classes, and reports on networks that answer for every pixel."""

import base64
import io

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from worker.determinism import training_batches
from worker.kit.data import Data, balanced_weights
from worker.kit.datasets import class_names, load_dataset, loader
from worker.kit.segmentation import COLOURS, iou_of_classes, scene_iou, segmentation_report, worst_scenes


@pytest.mark.parametrize(("table", "kinds"), [("four", 4), ("ten", 10)])
def test_every_pixel_of_a_scene_has_its_class(table, kinds):
    scenes = load_dataset("digit-scenes")
    assert len(class_names("digit-scenes", table)) == kinds + 1
    for name, count in (("train", 3_000), ("val", 500), ("test", 500)):
        x, y = scenes[f"{table}_x_{name}"], scenes[f"{table}_y_{name}"]
        assert x.shape == y.shape == (count, 48, 64)
        assert np.unique(y).tolist() == list(range(kinds + 1))
        assert np.array_equal(y > 0, x >= 64)
        assert 0.91 < np.mean(y == 0) < 0.93


@pytest.mark.parametrize(("table", "kinds"), [("four", 4), ("ten", 10)])
def test_scenes_are_composed_again_from_the_digits_of_their_own_set(table, kinds):
    mnist, scenes, compose = load_dataset("mnist"), load_dataset("digit-scenes"), loader("digit-scenes").scene
    images, labels = mnist["x_train"], mnist["y_train"]
    sets = {
        "train": (images[:-5_000], labels[:-5_000]),
        "val": (images[-5_000:], labels[-5_000:]),
        "test": (mnist["x_test"], mnist["y_test"]),
    }
    for number, (name, (digits, names)) in enumerate(sets.items()):
        known, random = names < kinds, np.random.default_rng([kinds, number])
        digits, names = digits[known], names[known]
        for index in range(20):
            picture, mask = compose(digits, names, random)
            assert np.array_equal(picture, scenes[f"{table}_x_{name}"][index])
            assert np.array_equal(mask, scenes[f"{table}_y_{name}"][index])


def test_balanced_weights_make_all_classes_count_alike():
    labels = np.array([[0, 0, 0], [0, 1, 3]])
    weights = balanced_weights(labels, 4)
    assert weights[0] * 4 == pytest.approx(weights[1]) == pytest.approx(weights[3])
    assert np.mean([weights[label] for label in labels.ravel()]) == pytest.approx(1)


def test_each_pixel_of_a_batch_comes_with_the_weight_of_its_class():
    x = np.arange(12, dtype="float32").reshape(3, 2, 2, 1)
    y = np.array([[[0, 1], [1, 0]], [[0, 0], [0, 0]], [[1, 1], [1, 1]]], "int32")
    data = Data(x, y, x, y, x, y, names=("a", "b"), class_weights=(0.5, 4.0))
    for batch_x, batch_y, weights in training_batches(data, 2, seed=1, epochs=1):
        assert batch_x.shape[1:] == (2, 2, 1)
        assert np.array_equal(weights, np.where(batch_y.numpy() == 1, 4.0, 0.5))


def test_iou_by_hand():
    truth = np.array([[0, 0, 1, 1], [0, 0, 2, 2]])
    predicted = np.array([[0, 0, 1, 2], [0, 0, 2, 2]])
    confusion = np.zeros((4, 4), int)
    np.add.at(confusion, (truth.ravel(), predicted.ravel()), 1)
    assert iou_of_classes(confusion) == [1.0, 0.5, pytest.approx(2 / 3), None]
    assert scene_iou(truth, predicted) == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert scene_iou(np.zeros((2, 2)), np.zeros((2, 2))) == 1
    assert scene_iou(np.zeros((2, 2)), np.ones((2, 2))) == 0


class Threshold(keras.layers.Layer):
    """Calls a pixel class 1 if it is brighter than 100, otherwise background."""

    def call(self, x):
        is_bright = tf.cast(x > 100, tf.float32)
        return tf.concat([1 - is_bright, is_bright, tf.zeros_like(is_bright)], axis=-1)


def test_the_report_agrees_with_keras_and_shows_the_worst_scenes_first():
    random = np.random.default_rng(0)
    x = random.integers(0, 256, (20, 8, 8, 1)).astype("float32")
    y = random.integers(0, 3, (20, 8, 8)).astype("int32")
    data = Data(x, y, x, y, x, y, names=("background", "0", "1"))
    model = keras.Sequential([keras.Input((8, 8, 1)), Threshold()])
    mean_iou = keras.metrics.IoU(3, [1, 2], sparse_y_pred=False, name="mean_iou")
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy", mean_iou])
    report = segmentation_report(model, data)
    metrics, figure = report["metrics"], report["figures"][0]
    assert metrics["test_mean_iou"] == pytest.approx(np.mean(figure["iou"][1:]), abs=1e-6)
    assert metrics["test_accuracy"] == pytest.approx(np.mean((x[..., 0] > 100) == y), abs=1e-6)
    assert (metrics["baseline_accuracy"], metrics["baseline_iou"]) == (np.mean(y == 0), 0)
    worst = [scene["iou"] for scene in figure["worst"]]
    predicted = (x[..., 0] > 100).astype(int)
    assert worst == sorted(worst) and worst[0] == min(map(scene_iou, y, predicted))
    assert [scene["index"] for scene in figure["worst"]] == worst_scenes(data, predicted)[:6]
    truth = Image.open(io.BytesIO(base64.b64decode(figure["first"][0]["truth"]))).convert("RGB")
    colours = np.array([tuple(bytes.fromhex(value[1:])) for _, value in COLOURS])
    assert np.array_equal(np.asarray(truth), colours[y[0]])
