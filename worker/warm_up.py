"""TensorFlow's first operations, run before a job arrives: its runtime, tracing and optimisers take a second
the first time.
"""

import keras
import numpy as np
import tensorflow as tf

from worker.determinism import make_deterministic


def warm_up(threads: int) -> None:
    """Train a tiny network for one step, and discard it: the following job starts as if nothing had run.

    The number of intra-op threads is fixed here: how a sum is split, and so its last bits, depend on it.
    """
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    make_deterministic(0)
    model = keras.Sequential(
        [
            keras.Input((4, 4, 1)),
            keras.layers.Conv2D(2, 3, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(np.zeros((4, 4, 4, 1), "float32"), np.zeros(4), batch_size=2, verbose=0)
    keras.backend.clear_session()
