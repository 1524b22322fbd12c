import re

import brotli
import pytest
from fastapi.testclient import TestClient

from app.core import storage
from app.web import assets
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


@ON_SQLITE
def test_a_file_of_another_version_is_served_from_the_store_while_both_run(client: TestClient) -> None:
    storage.write("static/chunks/chunk-0LD1SHRE.js", b"export const version = 1;")
    answer = client.get("/static/chunks/chunk-0LD1SHRE.js")
    assert answer.status_code == 200 and answer.text == "export const version = 1;"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]
    storage.write("secret.js", b"no")
    storage.write("static/shared/abc", b"")
    for path in ("chunks/chunk-NEVERWAS.js", "shared/abc", "..%2Fsecret.js", "chunk.js"):
        assert client.get(f"/static/{path}").status_code == 404, path


@ON_SQLITE
def test_a_version_puts_all_that_its_pages_ask_for_into_the_store_once(client: TestClient) -> None:
    assets.share_with_other_versions()
    for name in ("app.js", "app.css", "logo.svg"):
        stored = assets.stored_key(assets.manifest()[name])
        assert storage.read(stored) == (assets.DIST / assets.manifest()[name]).read_bytes()
    storage.delete(stored)
    assets.share_with_other_versions()
    assert storage.read(stored) is None
