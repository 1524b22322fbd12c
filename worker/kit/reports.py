"""Reports on a trained model: metrics against a baseline, the confusion matrix, the worst mistakes.

A report is JSON-able; a non-finite number becomes None.
"""

import base64
import io
from typing import Any

import keras
import numpy as np
from PIL import Image

from worker.kit.data import Data
from worker.kit.numbers import finite

BATCH_SIZE = 512
MISTAKES = 24
# Pictures of the confusion matrix: so many of a cell, and so many characters of them in all.
PICTURES_OF_PAIR = 3
PICTURES_LENGTH = 96_000
SAMPLES_PER_CLASS = 2

Report = dict[str, Any]


def classification_report(model: keras.Model, data: Data) -> Report:
    """For a model whose output is one probability per class (or a single one, for the second of two classes).

    metrics: {train,val,test}_{loss,accuracy} as Keras computes them (with penalties such as L2) and
    `baseline_accuracy`, the test accuracy of always predicting the most common class of the training set.
    `confusion[label][predicted]`, `mistakes` (highest loss first) and `mistakes_of_pairs` (pictures alone) are of the test set;
    `dead_units` of the validation set.
    """
    probabilities = predict_probabilities(model, data.x_test)
    predicted = probabilities.argmax(axis=1)
    baseline = np.bincount(data.y_train.astype(int)).argmax()
    metrics = metrics_of_sets(model, data) | {"baseline_accuracy": float(np.mean(data.y_test == baseline))}
    return {
        "kind": "classification",
        "metrics": metrics,
        "classes": list(data.names),
        "confusion": confusion_matrix(data.y_test, predicted, len(data.names)),
        "mistakes": worst_mistakes(data, probabilities, predicted),
        "mistakes_of_pairs": mistakes_of_pairs(data, probabilities, predicted),
        "dead_units": dead_units(model, data.x_val),
    }


def detection_report(model: keras.Model, data: Data, wanted: int, threshold: float) -> Report:
    """For two classes of which one is searched for: `wanted` is predicted if its probability reaches the threshold.

    Like `classification_report`, but accuracy, confusion matrix and mistakes follow the threshold, and metrics also has
    {val,test}_{recall,precision} and test_f1 of the wanted class. Precision without any positive prediction is None.
    """
    report = classification_report(model, data)
    sets = {
        "train": (data.x_train, data.y_train),
        "val": (data.x_val, data.y_val),
        "test": (data.x_test, data.y_test),
    }
    for name, (x, y) in sets.items():
        probabilities = predict_probabilities(model, x)
        predicted = np.where(probabilities[:, wanted] >= threshold, wanted, 1 - wanted)
        measured = detection_metrics(y.astype(int) == wanted, predicted == wanted)
        kept = {"train": ("accuracy",), "val": ("accuracy", "recall", "precision"), "test": tuple(measured)}[
            name
        ]
        report["metrics"] |= {f"{name}_{metric}": measured[metric] for metric in kept}
    # The loop ends with the test set, which the report's pictures are about.
    report["confusion"] = confusion_matrix(data.y_test, predicted, 2)
    report["mistakes"] = worst_mistakes(data, probabilities, predicted)
    report["mistakes_of_pairs"] = mistakes_of_pairs(data, probabilities, predicted)
    return report


def detection_metrics(wanted: np.ndarray, named: np.ndarray) -> dict[str, float | None]:
    """Accuracy, recall, precision and F1 from two bool arrays: actual and predicted membership in the wanted class."""
    caught, missed, alarms = (
        int(np.sum(part)) for part in (wanted & named, wanted & ~named, ~wanted & named)
    )

    def share(part: float, whole: float) -> float | None:
        return part / whole if whole else None

    return {
        "accuracy": float(np.mean(wanted == named)),
        "recall": share(caught, caught + missed),
        "precision": share(caught, caught + alarms),
        "f1": share(2 * caught, 2 * caught + missed + alarms),
    }


def regression_report(model: keras.Model, data: Data) -> Report:
    """metrics: {train,val,test}_{loss,mae} (loss: mean squared error), `test_r2`, and `baseline_loss`, the test loss
    of always predicting the training set's mean. `mistakes` are the test examples with the largest error.
    """
    predicted = model.predict(data.x_test, batch_size=BATCH_SIZE, verbose=0).reshape(-1)
    target = data.y_test.reshape(-1)
    baseline_loss = float(np.mean((target - data.y_train.mean()) ** 2))
    with np.errstate(all="ignore"):
        squared = (target.astype(np.float64) - predicted) ** 2
        r2 = 1 - squared.sum() / ((target - target.mean()) ** 2).sum()
    worst = np.argsort(-np.nan_to_num(squared, nan=np.inf), kind="stable")[:MISTAKES]
    return {
        "kind": "regression",
        "metrics": metrics_of_sets(model, data) | {"baseline_loss": baseline_loss, "test_r2": finite(r2)},
        "mistakes": [
            {"index": int(index), "target": finite(target[index]), "predicted": finite(predicted[index])}
            | shown(data, index)
            for index in worst
        ],
    }


def linear_baseline(data: Data) -> dict[str, float | None]:
    """The test result of scikit-learn's linear model, with columns standardised by the training set:
    `linear_accuracy` of a logistic regression, or `linear_loss` (mean squared error) of a least squares fit.
    """
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    linear = LogisticRegression(max_iter=1000) if data.is_classification else LinearRegression()
    linear = make_pipeline(StandardScaler(), linear).fit(data.x_train, data.y_train)
    if data.is_classification:
        return {"linear_accuracy": finite(linear.score(data.x_test, data.y_test))}
    return {"linear_loss": finite(np.mean((linear.predict(data.x_test) - data.y_test) ** 2))}


def least_squares_accuracy(data: Data) -> float:
    """The test accuracy of a linear classifier of pictures: least squares towards 1 for the class and 0 for all others.

    Solved at once, where a logistic regression on as many pixels would take minutes. A small ridge keeps pixels that are always
    black from making it unsolvable. With more pixels than pictures the same weights follow from the smaller system of pictures.
    """
    pixels = data.x_train.reshape(len(data.x_train), -1) / 255
    x = np.column_stack([np.ones(len(pixels), "float32"), pixels])
    targets = np.eye(len(data.names), dtype="float32")[data.y_train.astype(int)]
    if x.shape[1] > len(x):
        weights = x.T @ np.linalg.solve(x @ x.T + np.eye(len(x), dtype="float32"), targets)
    else:
        weights = np.linalg.solve(x.T @ x + np.eye(x.shape[1], dtype="float32"), x.T @ targets)
    scores = data.x_test.reshape(len(data.x_test), -1) / 255 @ weights[1:] + weights[0]
    return float(np.mean(scores.argmax(axis=1) == data.y_test))


def sample_pictures(data: Data) -> list[dict[str, Any]]:
    """The first test pictures of each class, to try a network on."""
    chosen = [np.flatnonzero(data.y_test == number)[:SAMPLES_PER_CLASS] for number in range(len(data.names))]
    return [
        {"label": int(data.y_test[index]), "image": png_base64(data.test_examples[index])}
        for index in np.concatenate(chosen)
    ]


def metrics_of_sets(model: keras.Model, data: Data) -> dict[str, float | None]:
    """Loss and metrics of the three sets, with dropout off: `train_accuracy`, `val_loss`, `test_loss` ..."""
    sets = {
        "train": (data.x_train, data.y_train),
        "val": (data.x_val, data.y_val),
        "test": (data.x_test, data.y_test),
    }
    return {
        f"{set_name}_{name}": finite(value)
        for set_name, (x, y) in sets.items()
        for name, value in model.evaluate(x, y, batch_size=BATCH_SIZE, verbose=0, return_dict=True).items()
    }


def predict_probabilities(model: keras.Model, x: np.ndarray) -> np.ndarray:
    """(examples, classes), computed in batches. A single sigmoid output becomes two columns."""
    output = model.predict(x, batch_size=BATCH_SIZE, verbose=0)
    if output.shape[-1] == 1:
        return np.concatenate([1 - output, output], axis=1)
    return output


def confusion_matrix(labels: np.ndarray, predicted: np.ndarray, classes: int) -> list[list[int]]:
    matrix = np.zeros((classes, classes), dtype=int)
    np.add.at(matrix, (labels.astype(int), predicted), 1)
    return matrix.tolist()


def worst_mistakes(data: Data, probabilities: np.ndarray, predicted: np.ndarray) -> list[dict[str, Any]]:
    """The wrong answers on the test set whose true label had the lowest probability."""
    labels = data.y_test.astype(int)
    of_label = probabilities[np.arange(len(labels)), labels]
    wrong = np.flatnonzero(predicted != labels)
    # Lowest probability of the label = highest loss; of two equally bad answers the more confident comes first.
    order = np.lexsort((-probabilities[wrong, predicted[wrong]], of_label[wrong]))
    return [
        {
            "index": int(index),
            "label": int(labels[index]),
            "predicted": int(predicted[index]),
            "probability": finite(probabilities[index, predicted[index]]),
            "label_probability": finite(of_label[index]),
        }
        | shown(data, index)
        for index in wrong[order][:MISTAKES]
    ]


def mistakes_of_pairs(data: Data, probabilities: np.ndarray, predicted: np.ndarray) -> list[dict[str, Any]]:
    """Pictures for the cells of the confusion matrix: the worst of each first, of the fullest cells first, within PICTURES_LENGTH."""
    if data.texts_test or not len(data.test_examples) or data.test_examples[0].ndim != 3:
        return []
    labels = data.y_test.astype(int)
    wrong = np.flatnonzero(predicted != labels)
    wrong = wrong[np.argsort(probabilities[wrong, labels[wrong]], kind="stable")]
    of_pair: dict[tuple[int, int], list[int]] = {}
    for index in wrong:
        of_pair.setdefault((int(labels[index]), int(predicted[index])), []).append(int(index))
    pairs = sorted(of_pair.items(), key=lambda each: -len(each[1]))
    found: list[dict[str, Any]] = []
    length = 0
    for number in range(PICTURES_OF_PAIR):
        for (label, answer), indices in pairs:
            if number >= len(indices):
                continue
            image = png_base64(data.test_examples[indices[number]])
            length += len(image)
            if length > PICTURES_LENGTH:
                return found
            found.append({"index": indices[number], "label": label, "predicted": answer, "image": image})
    return found


def dead_units(model: keras.Model, x: np.ndarray) -> dict[str, int] | None:
    """How many of the `units` (neurons, or channels) behind a ReLU are `dead`: zero for each of some hundred examples, wherever in them.

    None for a model without any, or with layers inside layers.
    """
    firing = [layer for layer in model.layers if _is_relu(layer)]
    if not firing or not len(x):
        return None
    inside = keras.Model(model.inputs[0], [layer.output for layer in firing])
    outputs = inside(x[:BATCH_SIZE], training=False)
    most = [
        np.max(np.asarray(output), axis=tuple(range(output.ndim - 1)))
        for output in (outputs if isinstance(outputs, list) else [outputs])
    ]
    return {"units": sum(len(each) for each in most), "dead": int(sum(np.sum(each <= 0) for each in most))}


def _is_relu(layer: keras.Layer) -> bool:
    return (
        isinstance(layer, keras.layers.ReLU) or getattr(layer, "activation", None) is keras.activations.relu
    )


def shown(data: Data, index: int) -> dict[str, Any]:
    """The display form of an example: a picture as base64 PNG, a text, or its named features."""
    if data.texts_test:
        return {"image": None, "text": data.texts_test[index]}
    example = data.test_examples[index]
    if example.ndim == 3:
        return {"image": png_base64(example)}
    values = example.reshape(-1)
    names = data.features or tuple(f"x{number + 1}" for number in range(len(values)))
    return {
        "image": None,
        "features": {name: finite(value) for name, value in zip(names, values, strict=True)},
    }


def png_base64(pixels: np.ndarray) -> str:
    """A picture (height, width, 1 or 3) with values 0-255."""
    bytes_ = np.clip(np.rint(pixels), 0, 255).astype(np.uint8)
    image = Image.fromarray(bytes_[..., 0] if bytes_.shape[-1] == 1 else bytes_)
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True)
    return base64.b64encode(stream.getvalue()).decode()
