"""What frozen layers make of each example: it is the same in every epoch, so it is computed once."""

from dataclasses import replace

import keras

from worker.kit.data import Data

FEATURES_AT_ONCE = 32


def features_of(frozen: keras.Model, data: Data) -> Data:
    return replace(
        data,
        x_train=frozen.predict(data.x_train, batch_size=FEATURES_AT_ONCE, verbose=0),
        x_val=frozen.predict(data.x_val, batch_size=FEATURES_AT_ONCE, verbose=0),
        x_test=frozen.predict(data.x_test, batch_size=FEATURES_AT_ONCE, verbose=0),
        shown=data.x_test,
    )
