"""What the same training reaches from scratch, to compare with."""

from collections.abc import Callable, Mapping
from typing import Any

import keras

from worker.determinism import training_batches
from worker.kit.data import Data


def accuracy_from_scratch(
    build: Callable[..., keras.Model],
    compile: Callable[..., None],
    data: Data,
    hyperparameters: Mapping[str, Any],
) -> float:
    """The test accuracy without what was trained before: from the same start, with the same examples in the same order."""
    seed, epochs = hyperparameters["seed"], hyperparameters["epochs"]
    keras.utils.set_random_seed(seed)
    model = build(data, hyperparameters)
    compile(model, hyperparameters)
    model.jit_compile = False
    batch_size = min(hyperparameters["batch_size"], len(data.x_train))
    model.fit(
        training_batches(data, batch_size, seed=seed, epochs=epochs),
        shuffle=False,
        epochs=epochs,
        steps_per_epoch=-(-len(data.x_train) // batch_size),
        verbose=0,
    )
    return float(
        model.evaluate(data.x_test, data.y_test, batch_size=512, verbose=0, return_dict=True)["accuracy"]
    )
