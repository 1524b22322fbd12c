"""What the folders of data sets and recipes say, for the data sets' pages."""

from collections.abc import Iterator

from app.core.errors import NotFound
from app.datasets.pages import DatasetPage, DatasetsPage
from app.recipes.dataset import Dataset, Table, described, known_slugs
from app.recipes.recipe import Recipe, all_recipes


def datasets_page() -> DatasetsPage:
    found = filter(None, map(described, sorted(known_slugs())))
    return DatasetsPage([(data, _recipes(data)) for data in found])


def dataset_page(slug: str) -> DatasetPage:
    """Raises NotFound."""
    data = described(slug)
    if data is None:
        raise NotFound
    return DatasetPage(data, _recipes(data), list(_tables(data)))


def samples_picture(slug: str) -> bytes:
    """A PNG. Raises NotFound without one."""
    data = described(slug)
    if data is None or not data.samples_picture:
        raise NotFound
    return data.samples_picture


def _recipes(data: Dataset) -> list[Recipe]:
    return [recipe for recipe in all_recipes().values() if recipe.dataset == data.slug]


def _tables(data: Dataset) -> Iterator[Table]:
    for table in (data.described, *data.described.tables.values()):
        if table.classes or table.features or table.splits:
            yield table
