import pytest
from pydantic import ValidationError

from app.core.config import Settings, get_settings
from app.web.security.proxies import client_address, client_network, client_scheme, forwarded_host


@pytest.fixture(autouse=True)
def trusted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(
        "SOPHORA_TRUSTED_PROXIES", getattr(request, "param", "127.0.0.1, 172.16.0.0/12, fd00::/8")
    )
    get_settings.cache_clear()
    yield
    monkeypatch.undo()
    get_settings.cache_clear()


def scope(peer: str | None, *forwarded: str, scheme: str = "") -> dict:
    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
    headers += [(b"x-forwarded-proto", scheme.encode())] if scheme else []
    return {"type": "http", "scheme": "http", "client": (peer, 50000) if peer else None, "headers": headers}


def test_the_host_that_a_trusted_proxy_names_is_believed() -> None:
    named = [(b"x-forwarded-host", b"evil.example, class.example")]
    assert forwarded_host(scope("127.0.0.1") | {"headers": named}) == "class.example"
    assert forwarded_host(scope("203.0.113.5") | {"headers": named}) == ""


@pytest.mark.parametrize("trusted", [""], indirect=True)
def test_without_a_setting_nobody_is_believed() -> None:
    assert client_address(scope("127.0.0.1", "203.0.113.5")) == "127.0.0.1"
    assert client_scheme(scope("127.0.0.1", scheme="https")) == "http"


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("198.51.100.7", ["203.0.113.5"], "198.51.100.7"),
        ("172.18.0.1", [], "172.18.0.1"),
        ("172.18.0.1", ["203.0.113.5"], "203.0.113.5"),
        ("172.18.0.1", ["1.1.1.1, 203.0.113.5"], "203.0.113.5"),
        ("172.18.0.1", ["1.1.1.1", "203.0.113.5"], "203.0.113.5"),
        ("172.18.0.1", ["1.1.1.1, 203.0.113.5, 127.0.0.1"], "203.0.113.5"),
        ("172.18.0.1", ["203.0.113.5:4711"], "203.0.113.5"),
        ("172.18.0.1", ["1.1.1.1, nonsense"], "172.18.0.1"),
        ("172.18.0.1", ["1.1.1.1,"], "172.18.0.1"),
        ("::ffff:172.18.0.1", ["203.0.113.5"], "203.0.113.5"),
        ("fd00::1", ["[2001:db8::7]:4711"], "2001:db8::7"),
        ("fd00::1", ["2001:DB8:0:0::7"], "2001:db8::7"),
        ("testclient", ["203.0.113.5"], "testclient"),
        (None, ["203.0.113.5"], "unknown"),
    ],
)
def test_the_address_is_the_last_one_that_no_trusted_proxy_has(
    peer: str | None, forwarded: list[str], address: str
) -> None:
    assert client_address(scope(peer, *forwarded)) == address


def test_a_client_in_a_limit_is_an_ipv4_address_or_the_64_bits_that_an_ipv6_network_has() -> None:
    assert client_network(scope("203.0.113.5")) == "203.0.113.5"
    assert client_network(scope("::ffff:203.0.113.5")) == "203.0.113.5"
    assert client_network(scope("2001:db8:1:2:3:4:5:6")) == "2001:db8:1:2::/64"
    assert client_network(scope("testclient")) == "testclient"


@pytest.mark.parametrize(
    ("peer", "said", "scheme"),
    [
        ("172.18.0.1", "https", "https"),
        ("172.18.0.1", "http, https", "https"),
        ("172.18.0.1", "javascript", "http"),
        ("198.51.100.7", "https", "http"),
    ],
)
def test_the_scheme_is_what_a_trusted_proxy_says(peer: str, said: str, scheme: str) -> None:
    assert client_scheme(scope(peer, scheme=said)) == scheme


@pytest.mark.parametrize("value", ["proxy.example", "10.0.0.1/8", "*", "10.0.0.0/33"])
def test_a_setting_that_is_no_list_of_addresses_is_refused_at_the_start(value: str) -> None:
    with pytest.raises(ValidationError, match="SOPHORA_TRUSTED_PROXIES must list addresses or networks"):
        Settings(trusted_proxies=value)
