"""Networks that classify texts: a bag of words, a TextCNN, a BiLSTM, and one block of a Transformer."""

from collections.abc import Mapping
from typing import Any

import keras

from worker.kit.data import Data


def text_network(data: Data, hyperparameters: Mapping[str, Any]) -> keras.Model:
    """From the numbers of the tokens, (length,), to a probability for each class. The settings are `model`, `width`, `length`, `dropout`."""
    networks = {"bag": bag_of_words, "cnn": text_cnn, "lstm": bi_lstm, "transformer": transformer}
    tokens = keras.Input(shape=data.x_train.shape[1:])
    outputs = networks[hyperparameters["model"]](tokens, mask_of(tokens), data, hyperparameters)
    return keras.Model(tokens, outputs)


def embedded(tokens: Any, mask: Any, data: Data, hyperparameters: Mapping[str, Any]) -> Any:
    return keras.layers.Embedding(data.tokenizer.size, hyperparameters["width"])(tokens) * mask


def classified(x: Any, data: Data, hyperparameters: Mapping[str, Any]) -> Any:
    x = keras.layers.Dropout(hyperparameters["dropout"])(x)
    return keras.layers.Dense(len(data.names), activation="softmax")(x)


def bag_of_words(tokens: Any, mask: Any, data: Data, _hyperparameters: Mapping[str, Any]) -> Any:
    """Each token has a weight for each class, and the weights are added up: the order of the tokens does not count."""
    weights = keras.layers.Embedding(data.tokenizer.size, len(data.names), name="weights")(tokens)
    return keras.layers.Softmax()(keras.ops.sum(weights * mask, axis=1))


def text_cnn(tokens: Any, mask: Any, data: Data, hyperparameters: Mapping[str, Any]) -> Any:
    """Kernels that see two, three and four tokens at once; of each, the place where it answers most counts."""
    x = embedded(tokens, mask, data, hyperparameters)
    found = [
        keras.layers.GlobalMaxPooling1D()(
            keras.layers.Conv1D(hyperparameters["width"], kernel_size, padding="same", activation="relu")(x)
        )
        for kernel_size in (2, 3, 4)
    ]
    return classified(keras.layers.Concatenate()(found), data, hyperparameters)


def bi_lstm(tokens: Any, mask: Any, data: Data, hyperparameters: Mapping[str, Any]) -> Any:
    """One LSTM reads the text forwards and another backwards; what each remembers at its end counts."""
    x = embedded(tokens, mask, data, hyperparameters)
    lstm = keras.layers.LSTM(hyperparameters["width"] // 2)
    x = keras.layers.Bidirectional(lstm)(x, mask=keras.ops.squeeze(mask, axis=-1) > 0)
    return classified(x, data, hyperparameters)


def transformer(tokens: Any, mask: Any, data: Data, hyperparameters: Mapping[str, Any]) -> Any:
    """Each token looks at all others by attention, then changes by itself; the mean of all tokens counts."""
    x = transformer_block(tokens, mask, data, hyperparameters)
    return classified(mean_of_tokens(x, mask), data, hyperparameters)


def transformer_block(tokens: Any, mask: Any, data: Data, hyperparameters: Mapping[str, Any]) -> Any:
    """What stands for each token, (length, width), after it has seen the others."""
    width = hyperparameters["width"]
    places = keras.ops.cumsum(keras.ops.ones_like(tokens), axis=1) - 1
    x = embedded(tokens, mask, data, hyperparameters)
    x = x + keras.layers.Embedding(hyperparameters["length"], width)(places)
    attention = keras.layers.MultiHeadAttention(num_heads=4, key_dim=width // 4)
    seen = attention(x, x, attention_mask=keras.ops.swapaxes(mask, 1, 2) > 0)
    x = keras.layers.LayerNormalization()(x + seen)
    x = x + keras.layers.Dense(width)(keras.layers.Dense(2 * width, activation="relu")(x))
    return keras.layers.LayerNormalization()(x) * mask


def mean_of_tokens(x: Any, mask: Any) -> Any:
    return keras.ops.sum(x, axis=1) / keras.ops.maximum(keras.ops.sum(mask, axis=1), 1)


def mask_of(tokens: Any) -> Any:
    """1 where there is a token, 0 where the text has ended."""
    return keras.ops.expand_dims(keras.ops.minimum(tokens, 1), axis=-1)
