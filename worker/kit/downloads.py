"""Source files of data sets that come with no package which Sophora installs: downloaded once, at set-up or at the first training."""

import hashlib
import http.client
import os
from urllib.request import urlopen

from app.recipes.dataset import Dataset, DatasetError, SourceFile

TIMEOUT = 30.0  # seconds without a byte


def download(dataset: Dataset, file: SourceFile) -> None:
    """Raises DatasetError: it cannot be reached, or is not what dataset.toml says."""
    assert file.url
    file.path.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.path.with_suffix(f".{os.getpid()}.tmp")
    digest = hashlib.sha256()
    try:
        # https only: dataset.toml is refused otherwise.
        with urlopen(file.url, timeout=TIMEOUT) as answer, temporary.open("wb") as stream:
            while block := answer.read(1 << 20):
                digest.update(block)
                stream.write(block)
        if digest.hexdigest() != file.sha256:
            raise DatasetError(
                f"{dataset.title.en}: {file.url} is not what it should be (its SHA-256 is {digest.hexdigest()}, "
                f"expected {file.sha256})."
            )
        temporary.replace(file.path)  # atomically: two processes may download it at once
    except (OSError, http.client.HTTPException) as error:
        raise DatasetError(
            f"{dataset.title.en}: {file.url} cannot be downloaded ({error}); run script/setup again when it can be reached."
        ) from None
    finally:
        temporary.unlink(missing_ok=True)
