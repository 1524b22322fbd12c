"""Compose's part, played by processes: the same commands, in the same environment, with this machine's addresses.

PostgreSQL, Redis and the proxy are real; a web server runs as in its image, on an address of its own. Of the workers one is started, once a
test says that they train: each takes TensorFlow, and a training. Maintenance is known and not started.
"""

import os
import re
import shlex
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import yaml

from app.core.config import ROOT
from tests.faults.classroom import end
from tests.faults.proxy import Proxy, free_port

VARIABLE = re.compile(r"\$\{(\w+)(?:(:[-?])((?:[^{}]|\{[^{}]*\})*))?\}")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
KNOWN_OPTIONS = {"--detach", "--build", "--wait", "--rm", "--no-deps", "--follow", "-T"}


class Refused(Exception):
    """Compose would report a missing variable, or an unknown option."""


class Engine:
    def __init__(
        self, folder: Path, dotenv: dict[str, str], hosts: dict[str, str], tools: dict[str, list[str]]
    ) -> None:
        """`hosts`: replacements of addresses in containers; `tools`: of programs in third-party images."""
        self.folder, self.hosts, self.tools = folder, hosts, tools
        self.data = folder / "data"
        self.data.mkdir()
        text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
        self.variables = dotenv
        self.services: dict[str, dict[str, Any]] = self._filled(yaml.safe_load(text))["services"]
        # By their addresses.
        self.webs: dict[str, subprocess.Popen[bytes]] = {}
        self.proxy: Proxy | None = None
        self.trains = False
        self.worker: subprocess.Popen[bytes] | None = None
        self._port = free_port()

    def _filled(self, node: Any) -> Any:
        if isinstance(node, dict):
            return {name: self._filled(value) for name, value in node.items()}
        if isinstance(node, list):
            return [self._filled(value) for value in node]
        return self._interpolated(node) if isinstance(node, str) else node

    def _interpolated(self, text: str) -> str:
        def value(match: re.Match[str]) -> str:
            name, how, otherwise = match.groups()
            if found := self.variables.get(name):
                return found
            if how == ":?":
                raise Refused(f"{name}: {otherwise}")
            return self._interpolated(otherwise or "")

        return VARIABLE.sub(value, text)

    def environment(self, service: str) -> dict[str, str]:
        """As the container's processes get it. A variable without a value in the file is passed through if it is set."""
        given = self.services[service].get("environment", {})
        found = {
            name: self.variables.get(name) if value is None else str(value) for name, value in given.items()
        }
        image = dict(re.findall(r"(SOPHORA_\w+)=(\S+)", DOCKERFILE))
        found = {**image, **{name: value for name, value in found.items() if value is not None}}
        return {name: self._here(value) for name, value in found.items()}

    def _here(self, value: str) -> str:
        for there, here in self.hosts.items():
            value = value.replace(there, here)
        return re.sub(r"(^|//)/data\b", rf"\g<1>{self.data}", value)

    def run(self, line: str) -> str:
        """A shell line that begins with `docker compose`."""
        words = shlex.split(line)
        assert words[:2] == ["docker", "compose"], line
        with ExitStack() as files:
            streams: dict[str, Any] = {}
            for mark, name, mode in (("<", "stdin", "rb"), (">", "stdout", "wb")):
                if mark in words:
                    at = words.index(mark)
                    streams[name] = files.enter_context((self.folder / words[at + 1]).open(mode))
                    del words[at : at + 2]
            command, *rest = words[2:]
            return getattr(self, f"_{command}")(rest, streams)

    def _split(self, words: list[str]) -> tuple[dict[str, int], list[str]]:
        """The numbers of `--scale`, and the arguments after the options."""
        scales, words = {}, list(words)
        while words and words[0].startswith("-"):
            option = words.pop(0)
            if option == "--scale":
                service, _, count = words.pop(0).partition("=")
                self._know(service)
                assert "ports" not in self.services[service], f"{service} has a port and cannot be scaled"
                scales[service] = int(count)
            elif option not in KNOWN_OPTIONS:
                raise Refused(option)
        return scales, words

    def _know(self, service: str) -> dict[str, Any]:
        if service not in self.services:
            raise Refused(service)
        return self.services[service]

    def _up(self, words: list[str], _streams: Any) -> str:
        scales, services = self._split(words)
        for service in services:
            self._know(service)
        for name in services or self.services:
            assert name in {"postgres", "redis"} or self.environment(name)
            if name == "migrate":
                self._process(name, self.services[name]["command"], {})
            if name == "web":
                self._end(*self.webs.values())
                self.webs = {
                    address: self._web(address)
                    for address in (f"127.0.0.{2 + number}" for number in range(scales.get("web", 1)))
                }
            if name == "worker" and self.trains:
                self._end(self.worker)
                self.worker = self._start("worker", _command_of_worker())
            if name == "proxy" and self.proxy is None:
                environment = {"PATH": os.environ["PATH"], **self.environment(name)}
                self.proxy = Proxy(self.folder, environment, list(self.webs), self._port)
        return ""

    def ask(self, path: str, **headers: str) -> list[httpx.Response]:
        """Each web server, as the proxy asks it."""
        headers = {"X-Forwarded-Proto": "https", "Host": "classroom.example.org", **headers}
        return [
            httpx.get(f"http://{host}:{self._port}{path}", headers=headers, timeout=60) for host in self.webs
        ]

    def ask_directly(
        self, web: str, path: str, address: str, data: dict[str, str], **headers: str
    ) -> httpx.Response:
        """A web server, asked from an address of this machine, past the proxy."""
        with httpx.Client(transport=httpx.HTTPTransport(local_address=address), timeout=60) as client:
            return client.post(f"http://{web}:{self._port}{path}", data=data, headers=headers)

    def log_of(self, service: str) -> str:
        return (self.folder / f"{service}.log").read_text(encoding="utf-8")

    def _web(self, host: str) -> subprocess.Popen[bytes]:
        # The image's command, on an address that is free here.
        assert 'CMD ["python", "-m", "app.launching.keep", "web"]' in DOCKERFILE
        code = (
            f"import sys; from app.launching.keep import keep; sys.exit(keep('web', '{host}', {self._port}))"
        )
        return self._start("web", [sys.executable, "-c", code])

    def _start(self, service: str, command: list[str]) -> subprocess.Popen[bytes]:
        with (self.folder / f"{service}.log").open("ab") as log:
            return subprocess.Popen(
                command, cwd=ROOT, env=self._environ(service), stdout=log, stderr=subprocess.STDOUT
            )

    def _end(self, *processes: subprocess.Popen[bytes] | None) -> None:
        for process in processes:
            if process is not None:
                end(process)

    def _exec(self, words: list[str], streams: Any) -> str:
        _scales, (service, *command) = self._split(words)
        return self._process(service, command, streams)

    _run = _exec

    def _down(self, words: list[str], _streams: Any) -> str:
        assert words == []
        self._end(*self.webs.values(), self.worker)
        if self.proxy is not None:
            self.proxy.close()
        self.webs, self.worker, self.proxy = {}, None, None
        return ""

    def _build(self, words: list[str], _streams: Any) -> str:
        assert words == []
        return ""

    def _process(self, service: str, command: list[str], streams: Any) -> str:
        self._know(service)
        program, *rest = command
        words = [*self.tools.get(program, [program]), *(self._here(word) for word in rest)]
        done = subprocess.run(
            words,
            cwd=ROOT,
            env=self._environ(service),
            stdin=streams.get("stdin", subprocess.DEVNULL),
            stdout=streams.get("stdout", subprocess.PIPE),
            stderr=subprocess.PIPE,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stderr.decode()[-2000:]}"
        return "" if done.stdout is None else done.stdout.decode()

    def _environ(self, service: str) -> dict[str, str]:
        """Nothing of this machine except the paths of its programs."""
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return {"PATH": path, "HOME": str(self.folder), **self.environment(service)}

    def close(self) -> None:
        self._down([], {})


def _command_of_worker() -> list[str]:
    """That of its image."""
    [found] = re.findall(r'^CMD \["sh", "-c", "(python -m worker[^"]+)"\]$', DOCKERFILE, re.M)
    return ["sh", "-c", found]
