"""A training that starts from the weights of another one, whose model.keras is in the store."""

import tempfile
from pathlib import Path

import keras

from app.jobs.result.reasons import START_GONE, START_OTHER
from worker.channel import Channel
from worker.determinism import weights_sha256
from worker.kit.continuing import blocks_of, freeze_all_but_last

# Published with the job: its notebook reads it.
FILE = "start.keras"


class StartError(Exception):
    """The weights to start from are gone, or do not fit. The message is a msgid for the student."""


def take_over(channel: Channel, model: keras.Model) -> bytes | None:
    """Give the built model the weights that its job starts from, and freeze what should not learn. Returns their file.

    None for a training from scratch. Only weights are read from the file: the model is the recipe's. Raises StartError.
    """
    start = channel.spec.start
    if start is None:
        return None
    content = channel.start_weights()
    if content is None:
        raise StartError(START_GONE)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE
        path.write_bytes(content)
        try:
            model.load_weights(path)
        except ValueError:
            raise StartError(START_OTHER) from None
    if weights_sha256(model) != start.weights_sha256:
        raise StartError(START_OTHER)
    freeze_all_but_last(model, start.learning)
    blocks = blocks_of(model)
    learning = sum(any(layer.trainable for layer in block) for block in blocks)
    channel.log(f"Started from trained weights; {learning} of {len(blocks)} layers with weights learn")
    return content
