"""A classroom of real processes that a test may kill, stop and continue."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import psutil
from sqlalchemy import select

from app.core import db
from app.core.config import ROOT, get_settings
from app.core.db import session_scope
from app.core.migrating import migrate
from app.core.redis import get_redis
from app.jobs.models import Job, JobEpoch, JobState
from app.jobs.queue import tickets
from app.jobs.stream import stream_key
from app.launching.redis_server import find_redis_server
from app.recipes.recipe import recipe_digest
from tests.factories import make_job, make_user

T = TypeVar("T")
PATIENCE = 120.0
CELERY = ("celery", "-A", "worker.celery_app")
# For `submit`: enough to be interrupted midway by a test process that is delayed for seconds.
EPOCHS = 10


def wait_for(condition: Callable[[], T], what: str, patience: float = PATIENCE) -> T:
    """The first truthy value of `condition`; fails after a time that a working classroom never needs."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError(f"waited in vain: {what}")


class Classroom:
    """Redis, workers and a web server with a data folder of their own; this process uses the same database."""

    def __init__(self, data_dir: Path, **settings: object) -> None:
        self.data_dir = data_dir
        (data_dir / "datasets").symlink_to(ROOT / "var" / "datasets")
        self.environment = {
            "SOPHORA_DATA_DIR": str(data_dir),
            "SOPHORA_RATE_LIMITS": "false",
            "SOPHORA_JOB_LEASE_SECONDS": "3",
            "SOPHORA_JOB_SWEEP_SECONDS": "0.5",
            "SOPHORA_LOG_LEVEL": "info",
            "TF_CPP_MIN_LOG_LEVEL": "2",
            **{f"SOPHORA_{name.upper()}": str(value) for name, value in settings.items()},
        }
        self._before = {name: os.environ.get(name) for name in self.environment}
        os.environ.update(self.environment)
        forget_connections()
        migrate()
        self.processes: list[subprocess.Popen[bytes]] = []
        self._logs: dict[int, Path] = {}
        self.maintenance: subprocess.Popen[bytes] | None = None
        self.redis = self.start_redis()

    def close(self) -> None:
        # Together, but Redis last: who ends says so there.
        end(*(process for process in self.processes if process is not self.redis))
        end(self.redis)
        db.get_engine().dispose()
        for name, value in self._before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
        forget_connections()

    def start_redis(self) -> subprocess.Popen[bytes]:
        socket = self.data_dir / "redis.sock"
        process = self._spawn(
            [
                find_redis_server(),
                "--port",
                "0",
                "--unixsocket",
                str(socket),
                "--save",
                "",
                "--dir",
                str(self.data_dir),
            ],
            "redis",
        )
        wait_for(lambda: socket.exists() and _answers(), "Redis")
        return process

    def start_worker(self, *, maintenance: bool = True, **settings: object) -> subprocess.Popen[bytes]:
        """A worker ready for tickets, with `settings` of its own; and a maintenance process, unless there is one."""
        needs_maintenance = maintenance and self.maintenance is None
        if needs_maintenance:
            self.maintenance = self._start_celery("maintenance", "maintenance", {})
        worker = self._start_celery("worker", "cpu", settings)
        if needs_maintenance:
            self._wait_until_ready(self.maintenance)
        return self._wait_until_ready(worker)

    def start_maintenance(
        self, program: tuple[str, ...] = CELERY, **settings: object
    ) -> subprocess.Popen[bytes]:
        return self._wait_until_ready(self._start_celery("maintenance", "maintenance", settings, program))

    def _start_celery(
        self, kind: str, queue: str, settings: dict[str, object], program: tuple[str, ...] = CELERY
    ) -> subprocess.Popen[bytes]:
        name = f"{kind}-{len(self.processes)}"
        command = [
            sys.executable, "-m", *program, "worker", "-Q", queue, "-n", f"{name}@%h", "--without-gossip",
            "--without-mingle", "--loglevel", "INFO",
        ]  # fmt: skip
        environment = {f"SOPHORA_{key.upper()}": str(value) for key, value in settings.items()}
        return self._spawn(command, name, environment)

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
        log = self._logs[process.pid]
        wait_for(lambda: b" ready." in log.read_bytes(), f"{log.stem} is ready")
        return process

    def start_web(self, port: int) -> subprocess.Popen[bytes]:
        command = [
            *(sys.executable, "-m", "uvicorn", "app.main:create_app", "--factory", "--port", str(port)),
            *("--http", "app.web.connections:BoundedConnection"),
        ]
        return self._spawn(command, f"web-{len(self.processes)}")

    def start_reborn_web(self, port: int) -> subprocess.Popen[bytes]:
        """A web server whose process is replaced at once when killed; see reborn_server.py."""
        return self._spawn([sys.executable, "-m", "tests.faults.reborn_server", str(port)], "reborn")

    def submit(self, *, send_ticket: bool = True, **hyperparameters: Any) -> UUID:
        """A small training with dropout, by a new student; several epochs long enough to be interrupted."""
        small = {
            "epochs": EPOCHS,
            "train_size": 6000,
            "batch_size": 16,
            "units": 128,
            "dropout": 0.3,
            "seed": 7,
        }
        with session_scope() as session:
            job = make_job(
                session,
                make_user(session),
                hyperparameters=small | hyperparameters,
                recipe_digest=recipe_digest("mnist-mlp"),
            )
        if send_ticket:
            tickets.send_ticket("cpu")
        return job.id

    def job(self, job_id: UUID) -> Job:
        with session_scope(writes=False) as session:
            return session.get_one(Job, job_id)

    def epochs(self, job_id: UUID) -> list[JobEpoch]:
        with session_scope(writes=False) as session:
            return list(
                session.scalars(select(JobEpoch).where(JobEpoch.job_id == job_id).order_by(JobEpoch.epoch))
            )

    def wait_for_state(self, job_id: UUID, state: JobState) -> Job:
        def reached() -> Job | None:
            job = self.job(job_id)
            assert job.state == state or not JobState(job.state).is_final, (
                job.state,
                job.failure,
                self.log_of_job(job_id),
            )
            return job if job.state == state else None

        return wait_for(reached, f"job is {state}")

    def wait_until_mid_epoch(self, job_id: UUID, after_epoch: int = 1) -> None:
        """Until an epoch is stored and the next one has sent live points."""
        wait_for(
            lambda: self._sent_points_of(job_id, after_epoch + 1), f"epoch {after_epoch + 1} sends points"
        )
        assert self.job(job_id).state == JobState.RUNNING, (
            "the training is too short to be caught in its middle"
        )

    def _sent_points_of(self, job_id: UUID, epoch: int) -> bool:
        """Live, on the way: what the end of an epoch brings is another kind of event."""
        entries: list[Any] = get_redis().xrange(stream_key(job_id))
        sent = (json.loads(fields[b"data"]) for _id, fields in entries if fields[b"type"] == b"points")
        return any(point["epoch"] >= epoch for event in sent for point in event["points"])

    def wait_until_training(self, job_id: UUID, attempt: int) -> None:
        """Until this attempt has finished preparing."""

        def trains() -> bool:
            job = self.job(job_id)
            return job.attempt == attempt and job.phase == "training"

        wait_for(trains, f"attempt {attempt} trains")

    def kill_child_of(self, worker: subprocess.Popen[bytes]) -> None:
        child = self.child_of(worker)
        child.kill()
        wait_for(lambda: not child.is_running(), "the child is gone")

    def child_of(self, worker: subprocess.Popen[bytes]) -> psutil.Process:
        """The process that trains, a child of the worker's fork server."""

        def find() -> psutil.Process | None:
            servers = [
                p for p in psutil.Process(worker.pid).children() if "forkserver" in " ".join(p.cmdline())
            ]
            children = [child for server in servers for child in server.children()]
            return children[0] if children else None

        return wait_for(find, "the child process")

    def trainer_of(self, job_id: UUID, attempt: int) -> subprocess.Popen[bytes]:
        """The worker with this attempt, according to its log."""
        begun = re.compile(rf"job started .*attempt={attempt}\b.*job={job_id}")

        def find() -> subprocess.Popen[bytes] | None:
            logs = [
                (process, self._logs[process.pid].read_text("utf-8", "replace")) for process in self.processes
            ]
            return next((process for process, text in logs if begun.search(text)), None)

        return wait_for(find, f"a worker has begun attempt {attempt}")

    def log_of_job(self, job_id: UUID) -> list[str]:
        from app.jobs.queries import log_lines

        with session_scope(writes=False) as session:
            return [line.line for line in log_lines(session, job_id)]

    def _spawn(
        self, command: list[str], name: str, environment: dict[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        path = self.data_dir / f"{name}.log"
        with path.open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=os.environ | (environment or {}),
            )
        self.processes.append(process)
        self._logs[process.pid] = path
        return process


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL, and wait: the process had no chance to clean up."""
    process.kill()
    process.wait()


def end(*processes: subprocess.Popen[bytes]) -> None:
    running = [process for process in processes if process.poll() is None]
    for process in running:
        process.send_signal(signal.SIGCONT)
        process.terminate()
    for process in running:
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            kill(process)


def forget_connections() -> None:
    for cached in (get_settings, db.get_engine, get_redis, tickets._sender):
        cached.cache_clear()


def _answers() -> bool:
    from redis.exceptions import RedisError

    try:
        return bool(get_redis().ping())
    except RedisError:
        return False
