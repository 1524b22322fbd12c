"""Tell coloured pictures of five kinds apart with somebody else's network: EfficientNet-Lite0, which knows ImageNet."""

import keras

from worker.kit.efficientnet import BLOCKS, network, take_pretrained
from worker.kit.emoji import emoji_data
from worker.kit.reports import classification_report, least_squares_accuracy, sample_pictures


def load(hyperparameters):
    return emoji_data(hyperparameters["train_size"], hyperparameters["test_on"])


def build(data, hyperparameters):
    size, cut = hyperparameters["resolution"], len(BLOCKS) - hyperparameters["unfrozen"]
    pretrained = [network(0, cut, size)]
    if cut < len(BLOCKS):
        pretrained.append(network(cut, len(BLOCKS)))
    take_pretrained(*pretrained)

    inputs = keras.Input(shape=(64, 64, 3))
    enlarged = keras.layers.Resizing(size, size, interpolation="bilinear")(inputs)
    frozen = keras.Model(inputs, pretrained[0](enlarged), name="frozen")
    frozen.trainable = False

    pictures = keras.Input(shape=(64, 64, 3))
    x = frozen(pictures)
    if cut < len(BLOCKS):
        pretrained[1].name = "unfrozen"
        x = pretrained[1](x)
    x = keras.layers.Dropout(hyperparameters["dropout"], name="dropout")(x)
    outputs = keras.layers.Dense(len(data.names), activation="softmax", name="head")(x)
    return keras.Model(pictures, outputs)


def split(model, data, hyperparameters):
    """What never changes, and what learns from its output. Both share their layers with the model."""
    frozen = model.get_layer("frozen")
    inputs = x = keras.Input(shape=frozen.output.shape[1:])
    if hyperparameters["unfrozen"]:
        x = model.get_layer("unfrozen")(x)
        steps_per_epoch = -(-len(data.x_train) // min(hyperparameters["batch_size"], len(data.x_train)))
        x = Thaw(hyperparameters["head_epochs"] * steps_per_epoch, hyperparameters["block_rate"])(x)
    outputs = model.get_layer("head")(model.get_layer("dropout")(x))
    return frozen, keras.Model(inputs, outputs)


class Thaw(keras.layers.Layer):
    """Changes nothing on the way forward. Backward, no gradient passes during the first `closed` steps, and a part of it later:
    the new head learns first, then the blocks before it with smaller steps.
    """

    def __init__(self, closed, rate, **options):
        super().__init__(**options)
        self.closed, self.rate = closed, rate
        self.steps = self.add_weight(
            shape=(), dtype="int32", initializer="zeros", trainable=False, name="steps"
        )

    def call(self, x, training=False):
        still = keras.ops.stop_gradient(x)
        if not training:
            return x
        self.steps.assign(self.steps + 1)
        part = keras.ops.where(self.steps > self.closed, self.rate, 0.0)
        return still + part * (x - still)


def compile(model, hyperparameters):
    model.compile(
        optimizer=keras.optimizers.SGD(hyperparameters["learning_rate"], momentum=0.9),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )


def evaluate(model, data, hyperparameters):
    report = classification_report(model, data)
    pictures = load(hyperparameters)
    report["metrics"]["pixels_accuracy"] = least_squares_accuracy(pictures)
    return report | {"try_out": {"samples": sample_pictures(data)}}
