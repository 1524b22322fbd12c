"""Find, verify, prepare and load data sets: each is a folder of datasets/ with dataset.toml and load.py.

A file-based data set (dataset.toml lists its files with their SHA-256) has `read(files)` in its load.py. It is read
once, verified, and cached as `<data dir>/datasets/<slug>.npz`. A generated data set, or one from a library,
has `generate(**options)` and needs no cache.

    python -m worker.kit.datasets prepare

TensorFlow is never imported here: preparing and listing must stay fast.
"""

import argparse
import hashlib
import importlib.util
import io
import os
import sys
import zipfile
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from app.core.config import ROOT
from app.recipes.dataset import (
    Dataset,
    DatasetError,
    SourceFile,
    cache_path,
    dataset_slugs,
    folder_of,
    get_dataset,
)
from worker.kit.downloads import download

Arrays = dict[str, np.ndarray]


def load_dataset(slug: str, **options: Any) -> Arrays:
    """The data set's arrays. `options` are for generated data sets.

    Raises:
        DatasetError: if a source file is missing, or does not match the checksum in dataset.toml.
    """
    dataset = get_dataset(slug)
    if dataset.is_generated:
        return loader(slug).generate(**options)
    if options:
        raise DatasetError(
            f"The dataset {slug!r} is read from files and takes no options, but got {options}."
        )
    prepare(slug)
    try:
        return _read_cache(cache_path(slug))
    except (OSError, ValueError, zipfile.BadZipFile):
        # A damaged cache is rebuilt once; if reading fails again, the disk is at fault.
        cache_path(slug).unlink(missing_ok=True)
        prepare(slug)
        return _read_cache(cache_path(slug))


def class_names(slug: str, table: str | None = None) -> tuple[str, ...]:
    """The names of its classes, or of one of its tables, in numerical order; empty for a regression."""
    return get_dataset(slug).names("classes", table)


def feature_names(slug: str, table: str | None = None) -> tuple[str, ...]:
    """The names of its columns, or of one of its tables."""
    return get_dataset(slug).names("features", table)


def arrays_bytes(slug: str) -> bytes:
    """The arrays as a compressed .npz, for training elsewhere."""
    stream = io.BytesIO()
    arrays: dict[str, Any] = dict(load_dataset(slug))
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def prepare(slug: str, advance: Callable[[int], object] | None = None) -> bool:
    """Verify the source files and cache the arrays, unless that is done. True if there was something to do.

    `advance` receives the number of bytes verified.
    """
    dataset = get_dataset(slug)
    if dataset.is_generated or _cache_stamp(cache_path(slug)) == dataset.stamp:
        return False
    fetch(dataset)
    for file in dataset.files:
        check_file(dataset, file, advance)
    arrays = loader(slug).read({file.name: file.path for file in dataset.files})
    _write_cache(cache_path(slug), arrays, dataset.stamp)
    return True


def fetch(dataset: Dataset) -> None:
    """Download the files that are not here and can be. Raises DatasetError."""
    for file in dataset.files:
        if file.can_be_downloaded and not file.path.is_file():
            download(dataset, file)


def check_file(dataset: Dataset, file: SourceFile, advance: Callable[[int], object] | None = None) -> None:
    where = file.path.relative_to(ROOT) if file.path.is_relative_to(ROOT) else file.path
    if not file.path.is_file():
        raise DatasetError(
            f"{dataset.title.en}: the file {where} is missing; run script/setup to install it."
        )
    digest = hashlib.sha256()
    with file.path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
            if advance:
                advance(len(block))
    if digest.hexdigest() != file.sha256:
        raise DatasetError(
            f"{dataset.title.en}: the file {where} is damaged (its SHA-256 is {digest.hexdigest()}, "
            f"expected {file.sha256}); delete it and run script/setup again."
        )


def arrays_sha256(arrays: Mapping[str, np.ndarray]) -> str:
    """A checksum of the output of `generate`. Rounded to four decimals: the last bits of sine differ between machines."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.asarray(arrays[name])
        if array.dtype.kind == "f":
            array = np.round(array.astype(np.float64), 4) + 0.0  # + 0.0 turns -0.0 into 0.0
        elif array.dtype.kind != "U":
            array = array.astype(np.int64)
        values = (
            "\n".join(array).encode() if array.dtype.kind == "U" else np.ascontiguousarray(array).tobytes()
        )
        digest.update(f"{name} {array.shape}".encode() + values)
    return digest.hexdigest()


@cache
def loader(slug: str) -> ModuleType:
    """The module datasets/<slug>/load.py."""
    path = folder_of(slug) / "load.py"
    spec = importlib.util.spec_from_file_location(f"datasets.{slug.replace('-', '_')}", path)
    if spec is None or spec.loader is None:
        raise DatasetError(f"The dataset {slug!r} has no load.py.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _write_cache(path: Path, arrays: Arrays, stamp: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    with temporary.open("wb") as stream:
        everything: dict[str, Any] = {"_stamp": np.array(stamp), **arrays}
        np.savez(stream, **everything)
    temporary.replace(path)  # atomically, so that a second process sees the whole file or none


def _cache_stamp(path: Path) -> str | None:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return str(archive["_stamp"])
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return None


def _read_cache(path: Path) -> Arrays:
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files if name != "_stamp"}


def prepare_all(slugs: Iterable[str]) -> None:
    """Prepare datasets with a progress bar in the terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    console = Console()
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn()
    for slug in slugs:
        dataset = get_dataset(slug)
        if dataset.is_generated or _cache_stamp(cache_path(slug)) == dataset.stamp:
            continue
        try:
            with console.status(f"{slug}: downloading"):
                fetch(dataset)
        except DatasetError as error:
            # The other data sets do not need it. The first training that does tries again.
            console.print(str(error))
            continue
        size = sum(file.path.stat().st_size for file in dataset.files if file.path.is_file())
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task(f"{slug}: checking", total=size)
            prepare(slug, partial(progress.advance, task))
        console.print(f"{slug}: checked and cached")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m worker.kit.datasets", description="Sophora's datasets")
    parser.add_argument("command", choices=["prepare", "fetch", "list"])
    parser.add_argument("slugs", nargs="*", help="which ones (all, when none is named)")
    options = parser.parse_args(arguments)
    slugs = options.slugs or dataset_slugs()
    try:
        if options.command == "prepare":
            prepare_all(slugs)
        elif options.command == "fetch":
            for slug in slugs:
                fetch(get_dataset(slug))
        else:
            sys.stdout.writelines(f"{slug}: {get_dataset(slug).title.en}\n" for slug in slugs)
    except DatasetError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
