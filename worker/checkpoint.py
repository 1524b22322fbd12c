"""Checkpoints: everything from which the next epoch can start, as npz bytes (never pickle).

`model.save` does not store the state of the random seed generators, so a resumed dropout would draw other units. Here all of
`model.variables` (these include the seed generators) and `optimizer.variables` are stored, in order.
"""

import io
import json
from dataclasses import asdict, dataclass

import keras
import numpy as np


class CheckpointError(Exception):
    """The checkpoint belongs to another model."""


@dataclass(frozen=True)
class Progress:
    """What a job must store beside its variables. `epoch` counts finished epochs."""

    epoch: int = 0
    initial_loss: float | None = None
    final_loss: float | None = None
    diverged: bool = False
    fit_seconds: float = 0.0


def save_checkpoint(model: keras.Model, progress: Progress) -> bytes:
    arrays = {f"variable_{number:05d}": variable.numpy() for number, variable in enumerate(_variables(model))}
    arrays["progress"] = np.frombuffer(json.dumps(asdict(progress)).encode(), dtype=np.uint8)
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def restore_checkpoint(model: keras.Model, content: bytes) -> Progress:
    """Put all variables back. The model must be built and compiled with the same hyperparameters.

    Raises:
        CheckpointError: if number, shapes or types differ.
    """
    variables = _variables(model)
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        progress = Progress(**json.loads(archive["progress"].tobytes()))
        values = [archive[name] for name in sorted(archive.files) if name.startswith("variable_")]
    if len(values) != len(variables):
        raise CheckpointError(
            f"The checkpoint holds {len(values)} variables, but the model has {len(variables)}."
        )
    for variable, value in zip(variables, values, strict=True):
        if tuple(variable.shape) != value.shape or variable.numpy().dtype != value.dtype:
            raise CheckpointError(
                f"The checkpoint has {value.dtype} {value.shape} where the model has {variable.path} "
                f"({variable.dtype} {tuple(variable.shape)})."
            )
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
    return progress


def _variables(model: keras.Model) -> list[keras.Variable]:
    # An optimizer creates its slots (momenta) only at its first step, unless it is built beforehand.
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    return [*model.variables, *model.optimizer.variables]
