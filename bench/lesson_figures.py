"""Further results that lessons quote, with three seeds: small programs in their text, and comparisons.

`python -m bench.lesson_figures [lesson ...]` prints the second Markdown table of docs/lessons.md.
"""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from sklearn.datasets import load_digits
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from bench.lab_ranges import COURSE, span
from worker.channel import ConsoleChannel, JobSpec
from worker.kit.datasets import load_dataset
from worker.kit.texts import normalized, unpacked
from worker.recipes import default_hyperparameters
from worker.runner import train
from worker.trials import labs_of

SEEDS = (1, 2, 3)
TRAIN_SIZE = 10_000
Row = tuple[str, list[float]]


def main(lessons: list[str]) -> None:
    print("| lesson | what | three seeds gave |")
    print("|---|---|---|")
    for lesson, measure in MEASURES.items():
        if not lessons or lesson in lessons:
            for what, values in measure():
                print(f"| {lesson} | {what} | {span(values)} |", flush=True)


def small_digits() -> Iterator[Row]:
    """The program of lesson 00: 1,797 digits of 8 x 8."""
    pictures, labels = load_digits(return_X_y=True)
    data = train_test_split(pictures / 16, labels, test_size=0.2, random_state=0)

    def model() -> keras.Model:
        return classifier(keras.Input((64,)), layers.Dense(32, activation="relu"))

    yield "small digits, dense net, test accuracy", [fit_small(model, data, seed)[0] for seed in range(3)]


def small_digits_moved() -> Iterator[Row]:
    """The program of lesson 11, and its test pictures shifted by one cell."""
    pictures, labels = load_digits(return_X_y=True)
    data = train_test_split(pictures.reshape(-1, 8, 8, 1) / 16, labels, test_size=0.2, random_state=0)

    def model() -> keras.Model:
        return classifier(
            keras.Input((8, 8, 1)),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(32, 3, activation="relu"),
            layers.Flatten(),
        )

    results = [fit_small(model, data, seed) for seed in range(3)]
    yield "small digits, small CNN, test accuracy", [plain for plain, _ in results]
    yield "the same, moved 1 cell to the right", [moved for _, moved in results]


def fit_small(model: Callable[[], keras.Model], data: list[np.ndarray], seed: int) -> tuple[float, float]:
    """Test accuracy after 20 epochs, unshifted and shifted by one cell (the same twice for flat pictures)."""
    train_x, test_x, train_y, test_y = data
    keras.utils.set_random_seed(seed)
    built = compiled(model())
    built.fit(train_x, train_y, epochs=20, verbose=0)
    moved = test_x if test_x.ndim == 2 else moved_right(test_x, 1)
    return accuracy(built, test_x, test_y), accuracy(built, moved, test_y)


def loss_before_training() -> Iterator[Row]:
    """Lesson 06: a linear model's loss before training, and where it sticks without `from_logits`."""
    pictures, labels = load_digits(return_X_y=True)
    x = (pictures / 16).astype("float32")
    before, stuck = [], []
    for seed in range(3):
        for from_logits in (True, False):
            keras.utils.set_random_seed(seed)
            model = keras.Sequential([keras.Input((64,)), layers.Dense(10)])
            loss = keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits)
            model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss)
            if from_logits:
                before.append(model.evaluate(x, labels, verbose=0))
            else:
                stuck += model.fit(x, labels, epochs=10, verbose=0).history["loss"][1:]
    yield "loss of ten scores before training", before
    yield "loss without `from_logits=True`, epochs 2 to 10", stuck


def gradients_by_layer() -> Iterator[Row]:
    """Lesson 07, figure 6: the mean absolute gradient of each layer's weights before training, and how little the
    outputs of the last sigmoid layer differ between pictures (standard deviation).
    """
    mnist = load_dataset("mnist")
    x = mnist["x_train"][:256].reshape(256, 784).astype("float32") / 255
    y = mnist["y_train"][:256].astype("int32")
    for activation in ("sigmoid", "relu"):
        by_seed, spread = [], []
        for seed in range(3):
            keras.utils.set_random_seed(seed)
            hidden = [layers.Dense(64, activation=activation) for _ in range(8)]
            model = keras.Sequential([keras.Input((784,)), *hidden, layers.Dense(10, activation="softmax")])
            with tf.GradientTape() as tape:
                loss = keras.losses.SparseCategoricalCrossentropy()(y, model(x))
            gradients = tape.gradient(loss, [layer.kernel for layer in hidden])
            by_seed.append([float(np.abs(gradient).mean()) for gradient in gradients])
            outputs = keras.Model(model.inputs, hidden[-1].output)(x)
            spread.append(float(np.std(outputs, axis=0).mean()))
        for layer in (1, 8):
            mean = float(np.mean([gradients[layer - 1] for gradients in by_seed]))
            yield (
                f"{activation}, mean gradient of layer {layer}'s weights, × 1e-6, mean of the seeds",
                [1e6 * mean],
            )
        if activation == "sigmoid":
            yield "sigmoid, spread of layer 8's outputs, × 1e-6", [1e6 * value for value in spread]


def dense_against_lenet() -> Iterator[Row]:
    """Lesson 11's table: 10,000 digits, 5 epochs, test pictures unchanged, shifted, and with all pixels scrambled."""
    mnist = load_dataset("mnist")
    x, test_x = (mnist[name][..., np.newaxis].astype("float32") / 255 for name in ("x_train", "x_test"))
    x, y, test_y = x[:TRAIN_SIZE], mnist["y_train"][:TRAIN_SIZE].astype(int), mnist["y_test"].astype(int)
    order = np.random.default_rng(0).permutation(784)

    def scrambled(pictures: np.ndarray) -> np.ndarray:
        return pictures.reshape(-1, 784)[:, order].reshape(-1, 28, 28, 1)

    for name, build in (("dense net", dense_net), ("LeNet", lenet)):
        rows: dict[str, list[float]] = {}
        for seed in SEEDS:
            keras.utils.set_random_seed(seed)
            model = compiled(build())
            model.fit(x, y, epochs=5, verbose=0)
            for shift in (0, 2, 4):
                rows.setdefault(f"moved {shift}", []).append(
                    accuracy(model, moved_right(test_x, shift), test_y)
                )
            keras.utils.set_random_seed(seed)
            model = compiled(build())
            model.fit(scrambled(x), y, epochs=5, verbose=0)
            rows.setdefault("scrambled", []).append(accuracy(model, scrambled(test_x), test_y))
        for what, values in rows.items():
            yield f"{name}, {what}, test accuracy", values


def lumps_by_size() -> Iterator[Row]:
    """Recall of malignant lumps with large and with small nuclei, by the unmodified lab of lesson 10."""
    lab = dict(labs_of(COURSE))["10-metrics"]
    table = load_dataset("tabular", table="breast-cancer")
    test_start = int(0.8 * len(table["x"]))
    radius = table["x"][test_start:, 0][table["y"][test_start:] == 0]  # of the malignant ones
    recalls: dict[str, list[float]] = {"14 or more": [], "less than 14": []}
    for seed in SEEDS:
        settings = default_hyperparameters("tabular", **lab.fixed, **lab.defaults, seed=seed)
        channel = ConsoleChannel(JobSpec(id="lumps", attempt=1, recipe="tabular", hyperparameters=settings))
        train(channel)
        mistakes = (channel.report or {})["mistakes"]
        missed = np.array([each["features"]["mean radius"] for each in mistakes if each["label"] == 0])
        recalls["14 or more"].append(1 - np.sum(missed >= 14) / np.sum(radius >= 14))
        recalls["less than 14"].append(1 - np.sum(missed < 14) / np.sum(radius < 14))
    for group, values in recalls.items():
        yield f"malignant lumps, nuclei's mean radius {group}, recall", values


def characters_and_pairs() -> Iterator[Row]:
    """What the reviews of lesson 25 with some characters are, and what pairs of characters add to single ones. No chance in it."""
    arrays = load_dataset("shopping-reviews")
    texts, texts_test = ([*map(plain, unpacked(arrays[f"texts_{part}"]))] for part in ("train", "test"))
    labels = arrays["y_train"]
    for wanted in ("不", "好", "不好", "很好", "不错"):
        holds = np.array([wanted in text for text in texts])
        yield f"reviews with {wanted}, in thousands", [holds.sum() / 1000]
        yield f"of them praise, {wanted}", [float(labels[holds].mean())]
    holds = np.array(["错" in text and "不错" not in text for text in texts])
    yield "reviews with 错, without 不错, in thousands", [holds.sum() / 1000]
    yield "of them praise, 错 without 不错", [float(labels[holds].mean())]
    pairs = Counter(text[place : place + 2] for text in texts[:12_000] for place in range(len(text) - 1))
    yield "different pairs in 12,000 reviews, in thousands", [len(pairs) / 1000]
    yield "of them only once, in thousands", [sum(count == 1 for count in pairs.values()) / 1000]
    for what, longest in (("single characters", 1), ("single characters and pairs", 2)):
        vectorizer = CountVectorizer(analyzer="char", ngram_range=(1, longest), binary=True, lowercase=False)
        linear = LogisticRegression(max_iter=1000)
        linear.fit(vectorizer.fit_transform(texts[:12_000]), labels[:12_000])
        score = linear.score(vectorizer.transform(texts_test), arrays["y_test"])
        yield f"logistic regression on {what}, test accuracy", [score]


def plain(text: str) -> str:
    return "".join(map(normalized, text))


def dense_net() -> keras.Model:
    return classifier(keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(128, activation="relu"))


def lenet() -> keras.Model:
    return classifier(
        keras.Input((28, 28, 1)),
        layers.Conv2D(6, 5, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(16, 5, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(120, activation="relu"),
        layers.Dense(84, activation="relu"),
    )


def classifier(*parts: layers.Layer) -> keras.Model:
    return keras.Sequential([*parts, layers.Dense(10, activation="softmax")])


def compiled(model: keras.Model) -> keras.Model:
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def accuracy(model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    return model.evaluate(x, y, batch_size=512, verbose=0)[1]


def moved_right(pictures: np.ndarray, cells: int) -> np.ndarray:
    """Pictures (n, height, width, 1) shifted right by `cells`; white comes in on the left."""
    width = pictures.shape[2]
    return np.pad(pictures, ((0, 0), (0, 0), (cells, 0), (0, 0)))[:, :, :width]


MEASURES: dict[str, Callable[[], Iterator[Row]]] = {
    "00-opening": small_digits,
    "06-softmax-loss": loss_before_training,
    "07-backprop": gradients_by_layer,
    "10-metrics": lumps_by_size,
    "11-cnn": lambda: (row for measure in (small_digits_moved, dense_against_lenet) for row in measure()),
    "25-text-models": characters_and_pairs,
}

if __name__ == "__main__":
    main(sys.argv[1:])
