"""Which layers go on learning, in a training that starts from the weights of another one."""

import keras

NORMALISATIONS = (keras.layers.BatchNormalization, keras.layers.LayerNormalization)


def blocks_of(model: keras.Model) -> list[list[keras.Layer]]:
    """The layers that have weights, from the input to the output; a normalisation belongs to the layer before it."""
    blocks: list[list[keras.Layer]] = []
    for layer in model.layers:
        if not layer.weights:
            continue
        if isinstance(layer, NORMALISATIONS) and blocks:
            blocks[-1].append(layer)
        else:
            blocks.append([layer])
    return blocks


def freeze_all_but_last(model: keras.Model, count: int) -> None:
    """Only the last `count` blocks learn; with 0, or more than there are, all of them. To be called before `compile`."""
    blocks = blocks_of(model)
    for block in blocks[: max(0, len(blocks) - count)] if count else []:
        for layer in block:
            layer.trainable = False
