"""The proxy of docker-compose.yml: Caddy with our Caddyfile, and what Docker does for it: names for the web servers, ports of the host."""

import re
import shutil
import socket
import ssl
import struct
import subprocess
import threading
from pathlib import Path

import httpx

from app.core.config import ROOT
from tests.faults.classroom import end


class Names:
    """A name server that knows the addresses of one name."""

    def __init__(self, name: str, addresses: list[str]) -> None:
        self._name, self._addresses = name, addresses
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._answer_for_ever, name="names", daemon=True).start()

    def _answer_for_ever(self) -> None:
        while True:
            try:
                question, sender = self._socket.recvfrom(512)
            except OSError:
                return
            end = question.index(b"\0", 12) + 5
            name, (kind,) = question[13 : end - 5].decode(), struct.unpack("!H", question[end - 4 : end - 2])
            found = self._addresses if name.partition(".")[0] == self._name and kind == 1 else []
            head = question[:2] + struct.pack("!HHHHH", 0x8580, 1, len(found), 0, 0)
            records = (
                b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 5, 4) + socket.inet_aton(address)
                for address in found
            )
            self._socket.sendto(head + question[12:end] + b"".join(records), sender)

    def close(self) -> None:
        self._socket.close()


class Proxy:
    def __init__(self, folder: Path, environment: dict[str, str], addresses: list[str], port: int) -> None:
        """In front of web servers that listen on `port` of each address. Its certificate is its own: nobody here can be asked for one."""
        program = shutil.which("caddy")
        assert program, "the proxy is Caddy, which script/test installs (Debian: apt install caddy)"
        self.host = environment["SOPHORA_PUBLIC_URL"].removeprefix("https://")
        self._http, self._https = free_port(), free_port()
        self._names = Names("web", addresses)
        here = f"admin off\nlocal_certs\nskip_install_trust\nhttp_port {self._http}\nhttps_port {self._https}"
        ours = (ROOT / "docker" / "Caddyfile").read_text(encoding="utf-8")
        ours, found = re.subn(
            r"\bport 8000$", f"port {port}\nresolvers udp/127.0.0.1:{self._names.port}", ours, flags=re.M
        )
        assert found == 1
        (folder / "Caddyfile").write_text(f"{{\n{here}\n}}\n{ours}", encoding="utf-8")
        with (folder / "proxy.log").open("ab") as log:
            self._process = subprocess.Popen(
                [program, "run", "--config", "Caddyfile", "--adapter", "caddyfile"],
                cwd=folder,
                env={"HOME": str(folder), **environment},
                stderr=log,
            )

    def client(self, address: str) -> httpx.Client:
        """A browser at one of this machine's addresses."""
        return httpx.Client(
            transport=httpx.HTTPTransport(verify=False, local_address=address),
            headers={"Host": self.host},
            timeout=60,
        )

    def ask(
        self, path: str, address: str = "127.0.0.1", scheme: str = "https", **request: object
    ) -> httpx.Response:
        port = self._https if scheme == "https" else self._http
        with self.client(address) as client:
            method = "POST" if "data" in request else "GET"
            return client.request(
                method,
                f"{scheme}://127.0.0.1:{port}{path}",
                extensions={"sni_hostname": self.host},
                **request,
            )

    def protocol(self) -> str | None:
        """What it agrees on with a browser that speaks HTTP/2."""
        context = ssl._create_unverified_context()
        context.set_alpn_protocols(["h2", "http/1.1"])
        with (
            socket.create_connection(("127.0.0.1", self._https)) as plain,
            context.wrap_socket(plain, server_hostname=self.host) as encrypted,
        ):
            return encrypted.selected_alpn_protocol()

    def close(self) -> None:
        end(self._process)
        self._names.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
