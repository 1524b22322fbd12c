"""The optimisers that recipes offer, by the names of their settings."""

import keras


def optimizer_of(name: str, learning_rate: float) -> keras.optimizers.Optimizer:
    """Raises KeyError for a name that is none of "sgd", "momentum", "adam"."""
    optimizers = {
        "sgd": keras.optimizers.SGD(learning_rate),
        "momentum": keras.optimizers.SGD(learning_rate, momentum=0.9),
        "adam": keras.optimizers.Adam(learning_rate),
    }
    return optimizers[name]
