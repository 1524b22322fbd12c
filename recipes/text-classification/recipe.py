"""Tell praise from blame in Chinese reviews: a bag of words, a TextCNN, a BiLSTM, or one block of a Transformer."""

import keras

from worker.kit.optimizers import optimizer_of
from worker.kit.text_reports import text_report
from worker.kit.texts import text_data


def load(hyperparameters):
    return text_data(
        "shopping-reviews",
        hyperparameters["tokens"],
        size=hyperparameters["vocabulary"],
        length=hyperparameters["length"],
        train_size=hyperparameters["train_size"],
    )


def build(data, hyperparameters):
    networks = {"bag": bag_of_words, "cnn": text_cnn, "lstm": bi_lstm, "transformer": transformer}
    tokens = keras.Input(shape=data.x_train.shape[1:])
    # 1 where there is a token, 0 where the text has ended.
    mask = keras.ops.expand_dims(keras.ops.minimum(tokens, 1), axis=-1)
    outputs = networks[hyperparameters["model"]](tokens, mask, data, hyperparameters)
    return keras.Model(tokens, outputs)


def embedded(tokens, mask, data, hyperparameters):
    return keras.layers.Embedding(data.tokenizer.size, hyperparameters["width"])(tokens) * mask


def classified(x, data, hyperparameters):
    x = keras.layers.Dropout(hyperparameters["dropout"])(x)
    return keras.layers.Dense(len(data.names), activation="softmax")(x)


def bag_of_words(tokens, mask, data, hyperparameters):
    """Each token has a weight for each class, and the weights are added up: the order of the tokens does not count."""
    weights = keras.layers.Embedding(data.tokenizer.size, len(data.names), name="weights")(tokens)
    return keras.layers.Softmax()(keras.ops.sum(weights * mask, axis=1))


def text_cnn(tokens, mask, data, hyperparameters):
    """Kernels that see two, three and four tokens at once; of each, the place where it answers most counts."""
    x = embedded(tokens, mask, data, hyperparameters)
    found = [
        keras.layers.GlobalMaxPooling1D()(
            keras.layers.Conv1D(hyperparameters["width"], kernel_size, padding="same", activation="relu")(x)
        )
        for kernel_size in (2, 3, 4)
    ]
    return classified(keras.layers.Concatenate()(found), data, hyperparameters)


def bi_lstm(tokens, mask, data, hyperparameters):
    """One LSTM reads the text forwards and another backwards; what each remembers at its end counts."""
    x = embedded(tokens, mask, data, hyperparameters)
    lstm = keras.layers.LSTM(hyperparameters["width"] // 2)
    x = keras.layers.Bidirectional(lstm)(x, mask=keras.ops.squeeze(mask, axis=-1) > 0)
    return classified(x, data, hyperparameters)


def transformer(tokens, mask, data, hyperparameters):
    """Each token looks at all others by attention, then changes by itself; the mean of all tokens counts."""
    width = hyperparameters["width"]
    places = keras.ops.cumsum(keras.ops.ones_like(tokens), axis=1) - 1
    x = embedded(tokens, mask, data, hyperparameters)
    x = x + keras.layers.Embedding(hyperparameters["length"], width)(places)
    attention = keras.layers.MultiHeadAttention(num_heads=4, key_dim=width // 4)
    seen = attention(x, x, attention_mask=keras.ops.swapaxes(mask, 1, 2) > 0)
    x = keras.layers.LayerNormalization()(x + seen)
    x = x + keras.layers.Dense(width)(keras.layers.Dense(2 * width, activation="relu")(x))
    x = keras.layers.LayerNormalization()(x) * mask
    return classified(
        keras.ops.sum(x, axis=1) / keras.ops.maximum(keras.ops.sum(mask, axis=1), 1), data, hyperparameters
    )


def compile(model, hyperparameters):
    model.compile(
        optimizer=optimizer_of(hyperparameters["optimizer"], hyperparameters["learning_rate"]),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )


def evaluate(model, data, hyperparameters):
    return text_report(model, data)
