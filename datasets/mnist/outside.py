import keras


def load_dataset(name):
    """MNIST, downloaded by Keras."""
    (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
    return {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
