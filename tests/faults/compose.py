"""Compose's part, played by processes: the same commands, in the same environment, with this machine's addresses.

PostgreSQL and Redis are real; a web server runs as in its image, on a port of its own. Services without an image here (the proxy)
or that need TensorFlow (workers, maintenance) are parsed and not started.
"""

import os
import re
import shlex
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import yaml

from app.core.config import ROOT
from tests.faults.classroom import end

VARIABLE = re.compile(r"\$\{(\w+)(?:(:[-?])((?:[^{}]|\{[^{}]*\})*))?\}")
KNOWN_OPTIONS = {"--detach", "--build", "--wait", "--rm", "--no-deps", "--follow", "-T"}
NOT_STARTED = {"proxy", "worker", "maintenance"}


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
        self.webs: dict[int, subprocess.Popen[bytes]] = {}

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
        image = dict(re.findall(r"(SOPHORA_\w+)=(\S+)", (ROOT / "Dockerfile").read_text(encoding="utf-8")))
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
            environment = self.environment(name)
            assert name not in NOT_STARTED or environment
            if name == "migrate":
                self._process(name, self.services[name]["command"], {})
            if name == "web":
                for process in self.webs.values():
                    end(process)
                self.webs = dict(self._web() for _ in range(scales.get("web", 1)))
        return ""

    def _web(self) -> tuple[int, subprocess.Popen[bytes]]:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        # The image's command, on a free port.
        assert 'CMD ["python", "-m", "app.launching.keep", "web"]' in (ROOT / "Dockerfile").read_text()
        code = f"import sys; from app.launching.keep import keep; sys.exit(keep('web', '127.0.0.1', {port}))"
        process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=self._environ("web"))
        return port, process

    def _exec(self, words: list[str], streams: Any) -> str:
        _scales, (service, *command) = self._split(words)
        return self._process(service, command, streams)

    _run = _exec

    def _down(self, words: list[str], _streams: Any) -> str:
        assert words == []
        for process in self.webs.values():
            end(process)
        self.webs = {}
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
