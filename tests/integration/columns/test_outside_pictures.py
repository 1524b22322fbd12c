"""Pictures are fetched from the public web only: an imported file must not make the server talk to internal hosts."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from app.columns import outside_pictures as outside
from app.columns.outside_pictures import PictureRefused, fetch_picture, is_public

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/x.png",
        "http://[::1]/x",
        "http://[::ffff:127.0.0.1]/x",
        "http://169.254.169.254/x",
        "http://10.0.0.1/x",
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "http://localhost/x",
        "http://2130706433/x",
        "http:///x",
        "http://127.0.0.1:99999/x",
    ],
)
def test_a_picture_is_never_fetched_from_behind_the_server(address: str) -> None:
    with pytest.raises(PictureRefused):
        fetch_picture(address)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("::ffff:93.184.215.14", True),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:a00:1::1", False),
        ("224.0.0.1", False),
        ("100.64.0.1", False),
        ("fe80::1%eth0", False),
        ("0.0.0.0", False),
    ],
)
def test_only_an_address_of_the_public_web_is_public(address: str, public: bool) -> None:
    assert is_public(address) == public


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A web server on 127.0.0.1, which counts as public here; returns its address."""

    class Pictures(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302 if self.path == "/away" else 200)
            self.send_header("Location", "http://127.0.0.2:1/x.png")
            self.end_headers()
            self.wfile.write(b"x" * 5_000_001 if self.path == "/large" else PNG)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pictures)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(outside, "is_public", lambda address: address == "127.0.0.1")
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_picture_of_the_web_is_fetched(web: str) -> None:
    assert fetch_picture(f"http://{web}/x.png") == PNG


def test_a_picture_that_is_too_large_is_refused(web: str) -> None:
    with pytest.raises(PictureRefused, match="larger than 5 MB"):
        fetch_picture(f"http://{web}/large")


def test_a_redirect_to_a_machine_behind_the_server_is_refused(web: str) -> None:
    with pytest.raises(PictureRefused, match="no host of the public web"):
        fetch_picture(f"http://{web}/away")


def test_a_name_that_means_another_machine_a_moment_later_leads_nowhere_else(
    web: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, asked = socket.getaddrinfo, []

    def rebinding(host: str, *rest: object, **named: object) -> list:
        if host != "picture.example":
            return real(host, *rest, **named)
        asked.append(host)
        return real("127.0.0.1" if len(asked) == 1 else "127.0.0.2", *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    assert fetch_picture(f"http://picture.example:{web.partition(':')[2]}/x.png") == PNG
    assert asked == ["picture.example"]


def test_a_name_with_one_address_behind_the_server_is_refused_as_a_whole(
    web: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = socket.getaddrinfo
    both = lambda host, *rest, **named: real("127.0.0.1", *rest, **named) + real("127.0.0.2", *rest, **named)  # noqa: E731
    monkeypatch.setattr(socket, "getaddrinfo", both)
    with pytest.raises(PictureRefused, match="no host of the public web"):
        fetch_picture(f"http://picture.example:{web.partition(':')[2]}/x.png")


def test_no_proxy_of_the_environment_comes_between(web: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.2:1")
    assert fetch_picture(f"http://{web}/x.png") == PNG
