"""`sophora run`: every process of a one-machine classroom, started in order, kept running, and stopped together."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Any

from rich.console import Console

from app.core import disk
from app.core.config import ROOT, get_settings
from app.core.housekeeping import clear_leftovers, make_room, rotate_logs
from app.launching.checks import LaunchError, check_disk, check_folder, listen, take_folder
from app.launching.programs import CELERY, SILENCE, WEB_STARTS_IN, celery_program, web_answers, web_program
from app.launching.redis_server import (
    end_leftover,
    find_redis_server,
    redis_answers,
    redis_program,
    remark_on_age,
)
from app.launching.supervision import END_WITH_PARENT, GaveUp, Pace, Supervisor, last_lines

STOP_GRACE = 15.0
# Web first, then the workers (they give their jobs back), Redis last.
STOP_ORDER = (("web",), ("worker", "maintenance"), ("redis",))
# How often, in seconds, logs and the disk are checked.
TIDY_EVERY = 30.0
console = Console(highlight=False)


class Launcher:
    """`silence` overrides the timeouts in `SILENCE` for some programs."""

    def __init__(
        self, host: str, port: int, pace: Pace | None = None, silence: Mapping[str, float] | None = None
    ) -> None:
        self.host, self.port = host, port
        self.settings = get_settings()
        self.address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        self.supervisor = Supervisor(self._say_trouble, pace, self._note)
        self.silence = SILENCE | dict(silence or {})
        self.signals = 0
        self.tidied_at, self.is_disk_low = float("-inf"), False

    def run(self) -> int:
        """Start everything and keep it running until a signal arrives. Returns an exit code."""
        check_folder(self.settings.data_dir)
        check_disk(self.settings.data_dir)
        with take_folder(self.settings.data_dir, self.address), listen(self.host, self.port) as listener:
            self._heed_signals()
            try:
                self._start_redis()
                # Its imports take as long as preparing the database, so both run at once; it serves after both.
                web = web_program(
                    self.host, self.port, listener.fileno(), self._log("web"), self.silence["web"]
                )
                self.supervisor.start(web, held=True)
                setup_token = self._prepare_database()
                self.supervisor.release("web")
                self._until(lambda: web_answers(self.host, self.port), "web", seconds=WEB_STARTS_IN)
                for name in CELERY:
                    self.supervisor.start(celery_program(name, self._log(name), self.silence[name]))
                self._announce(setup_token)
                return self._keep_running()
            except GaveUp as error:
                raise LaunchError(str(error)) from None
            finally:
                self.supervisor.stop(STOP_ORDER, STOP_GRACE, hurry=lambda: self.signals > 1)

    def _heed_signals(self) -> None:
        """The first signal asks all to end gracefully, a second kills them. Under `nohup` a closed terminal is not a signal."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.signals += 1

    def _start_redis(self) -> None:
        """A private Redis on a socket, unless SOPHORA_REDIS_URL names another."""
        url = self.settings.redis_url
        if not url.startswith("unix://"):
            if not redis_answers():
                raise LaunchError(
                    "Redis does not answer where SOPHORA_REDIS_URL says. Start it, or leave the setting out."
                )
            return
        executable = find_redis_server()
        if remark := remark_on_age(executable):
            self._say(f"  {remark}")
        if end_leftover(url):
            self._note("ended a Redis that an earlier start had left behind")
        self.supervisor.start(redis_program(executable, url, self._log("redis"), self.silence["redis"]))
        self._until(redis_answers, "redis")

    def _prepare_database(self) -> str:
        """The admin's set-up token, or empty if there is an admin. Runs in another process; see `app.launching.preparation`."""
        log = self._log("preparation")
        command = [
            sys.executable, "-IS", str(END_WITH_PARENT), str(os.getpid()), sys.executable, "-m", "app.launching.preparation",
        ]  # fmt: skip
        with log.open("wb") as errors:
            process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, start_new_session=True
            )  # fmt: skip
        try:
            self._until(lambda: process.poll() is not None, "web", seconds=3600)
        finally:
            process.kill()
            said = process.communicate()[0].decode()
        if process.returncode != 0:
            raise LaunchError(
                f"The database could not be prepared: {last_lines(log, 1).strip()} (more of it in {log})"
            )
        *lines, token = said.splitlines()
        for line in lines:
            self._say(line)
        return token

    def _announce(self, setup_token: str) -> None:
        self._say(f"\n  [bold green]Sophora 槐[/] is ready at [bold]{self.address}[/]")
        if setup_token:
            self._say(f"  Set up the admin, once: [bold]{self.address}/setup/{setup_token}[/]")
        self._say(f"  Logs are in {self.settings.data_dir}/logs. Ctrl-C stops everything.\n")

    def _keep_running(self) -> int:
        while not self.signals:
            self.supervisor.look()
            if time.monotonic() > self.tidied_at + TIDY_EVERY:
                self._tidy()
            time.sleep(self.supervisor.pace.look)
        self._say("Stopping…")
        return 0

    def _tidy(self) -> None:
        """Rotate grown logs; if the disk is nearly full, delete what can be rebuilt, and warn once per shortage."""
        self.tidied_at = time.monotonic()
        rotate_logs(self.settings.data_dir / "logs")
        was_low, is_low = self.is_disk_low, disk.is_low()
        freed = make_room() if is_low else clear_leftovers()
        if is_low:
            is_low = disk.is_low()
            if freed >= 2**20:
                self._note(
                    f"cleared {freed // 2**20} MB of caches and old logs, since the disk is nearly full"
                )
        if is_low and not was_low:
            self._say_trouble(
                f"The disk is nearly full: {disk.free_mb()} MB are free in {self.settings.data_dir}. "
                "Soon nothing can be stored any more: please make room."
            )
        self.is_disk_low = is_low

    def _until(self, is_done: Callable[[], bool], name: str, seconds: float = 60) -> None:
        """Wait for a first start: a program that ends during it has a reason that a retry does not remove."""
        deadline = time.monotonic() + seconds
        while not is_done():
            if self.signals:
                raise LaunchError("Stopped while starting.")
            ended = self.supervisor.ended()
            if ended or time.monotonic() > deadline:
                name = ended or name
                raise LaunchError(
                    f"{name} did not start. The last lines of {self._log(name)}:\n{last_lines(self._log(name))}"
                )
            time.sleep(0.05)

    def _log(self, name: str) -> Path:
        return self.settings.data_dir / "logs" / f"{name}.log"

    def _say_trouble(self, sentence: str) -> None:
        self._say(sentence, style="red", markup=False)
        self._note(sentence)

    def _say(self, line: str, **how: Any) -> None:
        with suppress(OSError):  # the terminal was closed
            console.print(line, soft_wrap=True, **how)

    def _note(self, sentence: str) -> None:
        with suppress(OSError), self._log("launcher").open("a", encoding="utf-8") as log:
            log.write(f"{datetime.now().astimezone().isoformat(timespec='seconds')} {sentence}\n")
