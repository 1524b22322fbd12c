"""View models of the data sets' pages."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.recipes.dataset import Dataset, Table
from app.recipes.recipe import Recipe


@dataclass(frozen=True)
class DatasetsPage:
    """Each data set with the recipes that train on it."""

    datasets: Sequence[tuple[Dataset, Sequence[Recipe]]]


@dataclass(frozen=True)
class DatasetPage:
    """`tables` are its parts that have classes, columns or sizes: mostly one, itself."""

    data: Dataset
    recipes: Sequence[Recipe]
    tables: Sequence[Table]
