"""Features of frozen layers, kept from one job to the next: the same network makes the same of the same pictures."""

import hashlib
import os
import zipfile
from dataclasses import replace

import keras
import numpy as np

from app.core.config import get_settings
from worker.determinism import weights_sha256
from worker.kit.data import Data
from worker.kit.features import features_of

# Sets of examples that are kept; the one that was not used for longest goes first.
KEPT = 12


def kept_features(frozen: keras.Model, data: Data, threads: int) -> Data:
    """Like `features_of`. The last bits depend on the number of threads, so each number has its own."""
    key = hashlib.sha256(
        f"{weights_sha256(frozen)} {frozen.input_shape} {frozen.output_shape} {threads}".encode()
    )
    for x in (data.x_train, data.x_val, data.x_test):
        key.update(f"{x.dtype} {x.shape}".encode())
        key.update(np.ascontiguousarray(x).tobytes())
    folder = get_settings().data_dir / "features"
    path = folder / f"{key.hexdigest()[:32]}.npz"
    try:
        with np.load(path, allow_pickle=False) as found:
            kept = {name: found[name] for name in ("x_train", "x_val", "x_test")}
        path.touch()
        return replace(data, **kept, shown=data.x_test)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        pass  # there is none yet, or a damaged one
    features = features_of(frozen, data)
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f"{path.stem}.{os.getpid()}.tmp"
    with temporary.open("wb") as stream:
        np.savez(stream, x_train=features.x_train, x_val=features.x_val, x_test=features.x_test)
    temporary.replace(path)  # atomically, so that a second process sees the whole file or none
    for old in sorted(folder.glob("*.npz"), key=lambda each: each.stat().st_mtime)[:-KEPT]:
        old.unlink(missing_ok=True)
    return features
