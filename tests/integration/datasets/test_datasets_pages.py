"""Each data set that comes with Sophora has a page: licence, source, sizes, samples, and the recipes that train on it."""

import pytest
from fastapi.testclient import TestClient
from markupsafe import escape
from PIL import Image

from app.recipes.dataset import dataset_slugs, folder_of, get_dataset
from app.recipes.recipe import all_recipes
from tests.integration.conftest import ON_SQLITE

pytestmark = ON_SQLITE


def test_a_visitor_finds_every_dataset_with_its_licence_source_and_recipes(
    client: TestClient, in_english: None
) -> None:
    page = client.get("/datasets").text
    for slug in dataset_slugs():
        data = get_dataset(slug)
        own = client.get(f"/datasets/{slug}").text
        assert f'href="/datasets/{slug}"' in page
        for text in (data.title.en, data.licence.en, data.source.en):
            assert str(escape(text)) in page and str(escape(text)) in own
    assert all(f'href="/recipes/{slug}"' in page for slug, each in all_recipes().items() if each.dataset)
    assert 'href="/datasets"' in client.get("/").text


def test_a_page_counts_the_examples_of_each_class_in_the_readers_language(client: TestClient) -> None:
    page = client.get("/datasets/shopping-reviews").text
    assert "差评" in page and ">7482<" in page and ">3000<" in page
    assert "样子漂亮，键盘很帅，手感也很好" in page
    assert "每列一个数字" in client.get("/datasets/mnist").text


@pytest.mark.parametrize("slug", ["mnist", "fashion-mnist", "emoji", "digit-scenes"])
def test_pictures_are_shown_by_the_address_on_the_page(client: TestClient, slug: str) -> None:
    address = client.get(f"/datasets/{slug}").text.partition('<img src="/datasets/')[2].partition('"')[0]
    answer = client.get(f"/datasets/{address}")
    assert answer.headers["content-type"] == "image/png" and "immutable" in answer.headers["cache-control"]
    assert answer.content == (folder_of(slug) / "samples.png").read_bytes()
    with Image.open(folder_of(slug) / "samples.png") as picture:
        assert picture.width <= 1000 and not picture.info.get("exif")


def test_nothing_but_a_datasets_own_folder_is_readable(client: TestClient) -> None:
    for address in (
        "/datasets/nowhere",
        "/datasets/nowhere/samples.png",
        "/datasets/line/samples.png",
        "/datasets/..%2Fdatasets%2Fmnist/samples.png",
        "/datasets/mnist/load.py",
        "/datasets/mnist/dataset.toml",
    ):
        assert client.get(address).status_code in {404, 422}, address
