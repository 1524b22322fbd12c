"""The emoji of two vendors, as recipes train on them."""

from worker.kit.data import Data
from worker.kit.datasets import class_names, load_dataset

# Rows are emoji in a fixed, shuffled order: 600 to train on, 86 to validate, the other 171 to test with.
TRAINED, VALIDATED = 600, 86


def emoji_data(train_size: int, test_on: str) -> Data:
    """Google's drawings of `train_size` emoji to train on, and of others to validate. `test_on`: "unseen", other emoji by the
    same vendor; "other-vendor", the same other emoji drawn by Twitter; "leak", the emoji trained on drawn by Twitter.
    """
    emoji = load_dataset("emoji")
    train, val = slice(train_size), slice(TRAINED, TRAINED + VALIDATED)
    unseen = slice(TRAINED + VALIDATED, None)
    vendor, test = {
        "unseen": ("google", unseen),
        "other-vendor": ("twitter", unseen),
        "leak": ("twitter", train),
    }[test_on]
    pictures, labels = emoji["google"].astype("float32"), emoji["labels"].astype("int32")
    return Data(
        x_train=pictures[train],
        y_train=labels[train],
        x_val=pictures[val],
        y_val=labels[val],
        x_test=emoji[vendor][test].astype("float32"),
        y_test=labels[test],
        names=class_names("emoji"),
    )
