"""Reports on networks that name the class of every pixel. Class 0 is the background."""

import base64
import io
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from PIL import Image

from worker.kit.data import Data
from worker.kit.reports import BATCH_SIZE, Report, confusion_matrix, metrics_of_sets, png_base64

SCENES = 6  # each of the worst, and of the first of the test set
SAMPLES = 24
# The colours of masks, by class: told apart by colour-blind readers as well (after Okabe and Ito), and named in a recipe's words.
COLOURS = (
    ("black", "#1b1f24"),
    ("orange", "#e69f00"),
    ("sky", "#56b4e9"),
    ("green", "#009e73"),
    ("yellow", "#f0e442"),
    ("blue", "#0072b2"),
    ("red", "#d55e00"),
    ("pink", "#cc79a7"),
    ("white", "#ffffff"),
    ("grey", "#999999"),
    ("brown", "#8b5a2b"),
)


def segmentation_report(model: keras.Model, data: Data) -> Report:
    """For a model whose output is one probability per class for each pixel, compiled with the metric `mean_iou`.

    metrics: {train,val,test}_{loss,accuracy,mean_iou} as Keras computes them, over pixels; `baseline_accuracy` and `baseline_iou` of
    calling every test pixel background. The figure has the IoU of each class (None for one that neither occurs nor was named), and the
    worst and the first test scenes with their masks.
    """
    predicted = predicted_masks(model, data.x_test)
    confusion = confusion_matrix(data.y_test.ravel(), predicted.ravel(), len(data.names))
    background = float(np.mean(data.y_test == 0))
    figure = {
        "kind": "own",
        "classes": list(data.names),
        "colours": colours(data),
        "baseline_accuracy": background,
        "iou": iou_of_classes(np.array(confusion)),
        "worst": [shown_scene(data, predicted, index) for index in worst_scenes(data, predicted)[:SCENES]],
        "first": [shown_scene(data, predicted, index) for index in range(min(SCENES, len(predicted)))],
    }
    return {
        "kind": "segmentation",
        "metrics": metrics_of_sets(model, data) | {"baseline_accuracy": background, "baseline_iou": 0.0},
        "classes": list(data.names),
        "figures": [figure],
    }


def predicted_masks(model: keras.Model, x: np.ndarray) -> np.ndarray:
    """The most probable class of every pixel: uint8 (examples, height, width)."""
    parts = [x[start : start + BATCH_SIZE] for start in range(0, len(x), BATCH_SIZE)]
    return np.concatenate([model.predict(part, verbose=0).argmax(axis=-1).astype(np.uint8) for part in parts])


def iou_of_classes(confusion: np.ndarray) -> list[float | None]:
    """Intersection over union: of the pixels that are of a class or were named so, the share that are both."""
    both = confusion.diagonal()
    either = confusion.sum(axis=0) + confusion.sum(axis=1) - both
    return [int(one) / int(all_) if all_ else None for one, all_ in zip(both, either, strict=True)]


def scene_iou(truth: np.ndarray, predicted: np.ndarray) -> float:
    """The mean over the digits that a scene has or was said to have; 1 if there are none."""
    named = np.union1d(truth, predicted)
    shares = [
        np.sum((truth == number) & (predicted == number)) / np.sum((truth == number) | (predicted == number))
        for number in named[named > 0]
    ]
    return float(np.mean(shares)) if shares else 1.0


def worst_scenes(data: Data, predicted: np.ndarray) -> list[int]:
    """The numbers of all test scenes, lowest IoU first."""
    shares = [scene_iou(truth, mask) for truth, mask in zip(data.y_test, predicted, strict=True)]
    return np.argsort(shares, kind="stable").tolist()


def shown_scene(data: Data, predicted: np.ndarray, index: int) -> dict[str, Any]:
    """A test scene with its masks as coloured pictures, and the names of the classes in them."""
    truth, mask = data.y_test[index], predicted[index]
    return {
        "index": index,
        "iou": scene_iou(truth, mask),
        "image": png_base64(data.x_test[index]),
        "truth": mask_base64(truth),
        "truth_classes": named_classes(data, truth),
        "predicted": mask_base64(mask),
        "predicted_classes": named_classes(data, mask),
    }


def sample_scenes(data: Data) -> dict[str, Any]:
    """The first test scenes, to try a network on."""
    return {
        "classes": list(data.names),
        "colours": colours(data),
        "height": data.x_test.shape[1],
        "width": data.x_test.shape[2],
        "samples": [png_base64(scene) for scene in data.x_test[:SAMPLES]],
    }


def named_classes(data: Data, mask: np.ndarray) -> list[str]:
    return [data.names[number] for number in np.unique(mask) if number > 0]


def colours(data: Data) -> list[dict[str, str]]:
    """A name, for a recipe's words, and a value for each class."""
    return [{"name": name, "value": value} for name, value in COLOURS[: len(data.names)]]


def mask_base64(mask: np.ndarray) -> str:
    """A mask as a PNG in the colours of its classes."""
    image = Image.fromarray(mask.astype(np.uint8))
    image.putpalette(palette([value for _, value in COLOURS]))
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True)
    return base64.b64encode(stream.getvalue()).decode()


def palette(values: Sequence[str]) -> bytes:
    return b"".join(bytes.fromhex(value.removeprefix("#")) for value in values)
