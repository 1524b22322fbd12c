import re

import brotli
import pytest
from fastapi.testclient import TestClient

from app.web.assets import asset, manifest
from tests.integration.conftest import ON_SQLITE


@ON_SQLITE
def test_bundled_files_are_cached_for_ever(client: TestClient) -> None:
    answer = client.get(asset("app.js"))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["vary"] == "Accept-Encoding"


@ON_SQLITE
@pytest.mark.parametrize("encoding", ["br", "gzip", "identity"])
@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("app.js", "text/javascript; charset=utf-8"),
        ("app.css", "text/css; charset=utf-8"),
        ("logo.svg", "image/svg+xml"),
    ],
)
def test_a_file_is_the_same_however_it_is_packed(
    client: TestClient, name: str, media_type: str, encoding: str
) -> None:
    plain = client.get(asset(name), headers={"Accept-Encoding": "identity"})
    packed = client.get(asset(name), headers={"Accept-Encoding": encoding})
    assert packed.headers.get("content-encoding", "identity") == encoding
    assert packed.content == plain.content
    assert packed.headers["content-type"].replace("application/javascript", "text/javascript") == media_type


@ON_SQLITE
def test_the_packed_file_is_real_brotli(client: TestClient) -> None:
    with client.stream("GET", asset("app.css"), headers={"Accept-Encoding": "br"}) as answer:
        raw = b"".join(answer.iter_raw())
    assert (
        brotli.decompress(raw)
        == client.get(asset("app.css"), headers={"Accept-Encoding": "identity"}).content
    )


def test_an_address_names_the_content_of_its_file() -> None:
    assert {"app.js", "app.css", "logo.svg"} <= manifest().keys()
    for name, address in manifest().items():
        assert re.search(r"-[A-Z0-9]{8}\.\w+$", address), name


@ON_SQLITE
def test_only_the_bundle_is_served(client: TestClient) -> None:
    for path in ("/static/js/app.js", "/static/manifest.js", "/static/"):
        assert client.get(path).status_code == 404


def test_an_address_of_an_unknown_asset_is_a_mistake_that_is_noticed() -> None:
    with pytest.raises(KeyError):
        asset("no-such-file.js")
