"""Data sets as data: what dataset.toml says. Their load.py is the worker's."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.core.config import ROOT as ROOT

FOLDER = ROOT / "datasets"


class DatasetError(Exception):
    """A dataset cannot be had. The message is one sentence for whoever installs Sophora."""


@dataclass(frozen=True)
class SourceFile:
    name: str
    path: Path
    sha256: str


@dataclass(frozen=True)
class Dataset:
    """What dataset.toml says."""

    slug: str
    title: Mapping[str, str]
    classes: tuple[str, ...]
    files: tuple[SourceFile, ...]
    arrays_sha256: str | None

    @property
    def is_generated(self) -> bool:
        return not self.files

    @property
    def stamp(self) -> str:
        """Changes when a source file's checksum or load.py does, so that an old cache is not used."""
        parts = [file.sha256 for file in self.files]
        parts.append(hashlib.sha256((FOLDER / self.slug / "load.py").read_bytes()).hexdigest())
        return hashlib.sha256("".join(parts).encode()).hexdigest()


def dataset_slugs() -> list[str]:
    return sorted(path.parent.name for path in FOLDER.glob("*/dataset.toml"))


def get_dataset(slug: str) -> Dataset:
    path = FOLDER / slug / "dataset.toml"
    if not path.is_file():
        raise DatasetError(f"There is no dataset {slug!r}; there are: {', '.join(dataset_slugs())}.")
    description = tomllib.loads(path.read_text("utf-8"))
    files = tuple(
        SourceFile(file["name"], ROOT / file["path"], file["sha256"]) for file in description.get("files", ())
    )
    return Dataset(
        slug=slug,
        title=description["title"],
        classes=tuple(description.get("classes", ())),
        files=files,
        arrays_sha256=description.get("arrays", {}).get("sha256"),
    )
