"""EfficientNet-Lite0 with the weights of its package, and a training of only what comes after its frozen layers."""

import io
import pickle

import keras
import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_sample_image

from worker.kept_features import kept_features
from worker.kit.data import Data
from worker.kit.efficientnet import BLOCKS, network, read_tensors, take_pretrained
from worker.kit.features import features_of
from worker.recipes import default_hyperparameters, load_recipe

PALACE, DAISY = 698, 985  # of ImageNet's 1,000 classes


@pytest.fixture(scope="module")
def imagenet() -> keras.Model:
    """The whole network, cut in two like one whose last blocks are unfrozen."""
    begin, end = network(0, 14, 224), network(14, len(BLOCKS))
    classes = keras.Sequential([keras.Input((1280,)), keras.layers.Dense(1000, activation="softmax")])
    take_pretrained(begin, end, classes)
    return keras.Sequential([begin, end, classes])


def test_it_has_the_parameters_of_efficientnet_lite0(imagenet):
    assert imagenet.count_params() == 4_694_024


@pytest.mark.parametrize(("name", "expected"), [("china.jpg", PALACE), ("flower.jpg", DAISY)])
def test_a_photograph_is_recognised(imagenet, name, expected):
    photograph = Image.fromarray(load_sample_image(name))
    side, left = photograph.height, (photograph.width - photograph.height) // 2
    square = photograph.crop((left, 0, left + side, side)).resize((224, 224), Image.Resampling.BICUBIC)
    probabilities = imagenet.predict(np.asarray(square, "float32")[np.newaxis], verbose=0)[0]
    assert probabilities.argmax() == expected and probabilities.max() > 0.2


def test_a_pickle_that_calls_something_is_refused():
    class Evil:
        def __reduce__(self):
            return print, ("called",)

    stream = io.BytesIO()
    for each in (1, 2, 3, Evil()):
        pickle.dump(each, stream)
    with pytest.raises(pickle.UnpicklingError, match=r"no use for builtins\.print"):
        read_tensors(stream.getvalue())


def test_blocks_learn_only_after_the_head_and_the_frozen_ones_never():
    settings = default_hyperparameters(
        "image-finetune", unfrozen=1, head_epochs=1, batch_size=8, resolution=64, learning_rate=0.1
    )
    recipe = load_recipe("image-finetune")
    data = recipe.load(settings).first(16)
    model = recipe.build(data, settings)
    frozen, learning = recipe.split(model, data, settings)
    recipe.compile(learning, settings)
    features = features_of(frozen, data)

    def weights() -> list[np.ndarray]:
        return [
            model.get_layer("frozen").get_weights()[0],
            model.get_layer("unfrozen").get_weights()[0],
            model.get_layer("head").get_weights()[0],
        ]

    def changed_by_an_epoch() -> list[bool]:
        before = weights()
        learning.fit(features.x_train, features.y_train, batch_size=8, shuffle=False, verbose=0)
        return [not np.array_equal(old, new) for old, new in zip(before, weights(), strict=True)]

    assert changed_by_an_epoch() == [False, False, True]
    assert changed_by_an_epoch() == [False, True, True]
    # The whole answers to pictures what its second part answers to their features.
    expected = learning.predict(features.x_test, verbose=0)
    assert np.allclose(model.predict(data.x_test, verbose=0), expected, atol=1e-5)


def test_features_are_computed_once_and_a_damaged_file_of_them_is_made_again(tmp_path, monkeypatch):
    from app.core.config import get_settings

    monkeypatch.setattr(get_settings(), "data_dir", tmp_path)
    pixels = np.arange(24, dtype="float32").reshape(6, 4)
    data = Data(pixels, np.zeros(6), pixels[:2], np.zeros(2), pixels[:3], np.zeros(3))
    frozen = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    first = kept_features(frozen, data, 2)
    (kept,) = (tmp_path / "features").iterdir()
    stamp = kept.stat().st_ino
    again = kept_features(frozen, data, 2)
    assert np.array_equal(first.x_train, again.x_train) and np.array_equal(again.test_examples, pixels[:3])
    assert kept.stat().st_ino == stamp
    kept.write_bytes(kept.read_bytes()[:300])
    assert np.array_equal(kept_features(frozen, data, 2).x_val, first.x_val)
    assert kept.stat().st_ino != stamp
