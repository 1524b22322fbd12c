"""Determinism: the same job gives the same weights, bit for bit, however often it was interrupted."""

import hashlib

import keras
import numpy as np
import tensorflow as tf

from worker.kit.data import Data


def make_deterministic(seed: int) -> None:
    """Seed Python, NumPy and TensorFlow, and restrict TensorFlow to deterministic operations."""
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def training_batches(
    data: Data, batch_size: int, *, seed: int, epochs: int, initial_epoch: int = 0
) -> tf.data.Dataset:
    """Batches of (x, y) of the epochs from `initial_epoch` (0-based) on, as one stream; with class weights (x, y, weight of each y).

    Each epoch's order depends on (seed, epoch) alone, so a resumed job continues as if it had never stopped. The
    arrays are copied into TensorFlow once; the last batch of an epoch may be smaller.
    """
    x, y = tf.constant(data.x_train), tf.constant(data.y_train)
    count = len(data.x_train)

    def shuffled(epoch: tf.Tensor) -> tf.data.Dataset:
        keys = tf.random.stateless_uniform(
            [count], seed=tf.stack([seed, epoch]), minval=None, maxval=None, dtype=tf.int32
        )
        return tf.data.Dataset.from_tensor_slices(tf.argsort(keys, stable=True)).batch(batch_size)

    batches = tf.data.Dataset.range(initial_epoch, epochs, output_type=tf.int32).flat_map(shuffled)
    batches = batches.map(lambda rows: (tf.gather(x, rows), tf.gather(y, rows)))
    if data.class_weights:
        weights = tf.constant(data.class_weights)
        batches = batches.map(lambda x, y: (x, y, tf.gather(weights, y)))
    return batches.prefetch(2)


def validation_batches(data: Data, batch_size: int = 512) -> tuple[tf.data.Dataset, int]:
    """Batches of (x, y) again and again, and how many are once all examples.

    From arrays, Keras would make them anew after each epoch, and twice: of a short epoch that is half the time.
    """
    x, y = tf.constant(data.x_val), tf.constant(data.y_val)
    starts = tf.data.Dataset.range(0, len(data.x_val), batch_size)
    batches = starts.map(
        lambda start: (x[start : start + batch_size], y[start : start + batch_size])
    ).repeat()
    options = tf.data.Options()
    # What they would speed up takes less time than they do.
    options.experimental_optimization.apply_default_optimizations = False
    options.autotune.enabled = False
    return batches.with_options(options), len(starts)


def weights_sha256(model: keras.Model) -> str:
    """A digest of all weights: equal digests mean the same trained model."""
    digest = hashlib.sha256()
    for weight in model.weights:
        value = np.ascontiguousarray(weight.numpy())
        digest.update(f"{value.dtype} {value.shape}".encode())
        digest.update(value.tobytes())
    return digest.hexdigest()
