"""The channel of a real job: metrics to Redis, epochs to the database, files to the store, each write fenced."""

import threading
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.orm import Session
from structlog import get_logger

from app.core import storage
from app.core.clock import now
from app.core.db import session_scope
from app.core.redis import get_redis
from app.jobs import queries
from app.jobs.models import Job, JobArtefact, JobEpoch, JobLogLine, JobState
from app.jobs.stream import add_event, last_event_id
from app.labs.goals import goal_reached
from app.recipes.dataset import get_dataset
from worker.channel import EpochRecord, JobSpec, Phase, Point
from worker.claim import Failure, finish, lease_end, write_as
from worker.kit.datasets import arrays_bytes

log = get_logger()


class DatabaseChannel:
    """Implements `worker.channel.Channel`. Created inside the child process, after the fork."""

    def __init__(self, spec: JobSpec, stop: threading.Event) -> None:
        self.spec = spec
        self._job_id = UUID(spec.id)
        self._stop = stop
        self._redis: Redis = get_redis()
        self._lines: list[JobLogLine] = []
        self._log_lock = threading.Lock()
        self._artefacts: list[JobArtefact] = []

    def phase(self, phase: Phase, *, epochs: int = 0, steps_per_epoch: int = 0) -> None:
        values: dict[str, Any] = {"phase": phase}
        if steps_per_epoch:
            values["steps_per_epoch"] = steps_per_epoch
        with session_scope() as session:
            self._write(session, **values)
        self._announce(
            "phase",
            {
                "phase": phase,
                "epochs": epochs,
                "steps_per_epoch": steps_per_epoch,
                "attempt": self.spec.attempt,
            },
        )

    def points(self, points: Sequence[Point]) -> None:
        self._announce(
            "points", {"points": [{"step": p.step, "epoch": p.epoch, "metrics": p.metrics} for p in points]}
        )

    def epoch(self, record: EpochRecord) -> None:
        key = f"jobs/{self.spec.id}/checkpoints/{record.epoch:04d}-{self.spec.attempt}.npz"
        storage.write(key, record.checkpoint)
        points = [[p.step, p.metrics] for p in record.points]
        with session_scope() as session:
            self._write(session)
            previous = session.get(JobEpoch, (self._job_id, record.epoch - 1))
            # An attempt that died after storing this row is repeated from it, so the row is merged rather than added.
            session.merge(
                JobEpoch(
                    job_id=self._job_id,
                    epoch=record.epoch,
                    attempt=self.spec.attempt,
                    metrics=record.metrics,
                    seconds=record.seconds,
                    points=points,
                    extra=record.extra,
                    checkpoint_key=key,
                    stream_id=self._stream_position(),
                )
            )
        if previous:
            _forget(previous.checkpoint_key)
        self._announce("epoch", {
            "epoch": record.epoch, "metrics": record.metrics, "seconds": record.seconds, "extra": record.extra,
            "points": [{"step": p.step, "epoch": p.epoch, "metrics": p.metrics} for p in record.points],
        })  # fmt: skip

    def latest_checkpoint(self) -> tuple[int, bytes] | None:
        with session_scope(writes=False) as session:
            epochs = queries.epochs_of(session, self._job_id)
            steps_per_epoch = session.get_one(Job, self._job_id).steps_per_epoch or 0
        for record in reversed(epochs):
            content = storage.read(record.checkpoint_key)
            if content is not None:
                self._announce("rewind", {"step": record.epoch * steps_per_epoch, "epoch": record.epoch})
                return record.epoch, content
        if self.spec.attempt > 1:
            self._announce("rewind", {"step": 0, "epoch": 0})
        return None

    def start_weights(self) -> bytes | None:
        """A copy is kept from the first attempt on: the training that it came from may be deleted meanwhile."""
        assert self.spec.start
        own = _own_start(self.spec.id)
        content = storage.read(own) or storage.read(self.spec.start.key)
        if content is not None and self.spec.attempt == 1:
            storage.write(own, content)
        return content

    def publish(self, name: str, content: bytes) -> None:
        key = f"jobs/{self.spec.id}/{self.spec.attempt}/{name}"
        storage.write(key, content)
        self._artefacts.append(
            JobArtefact(job_id=self._job_id, attempt=self.spec.attempt, name=name, key=key, size=len(content))
        )

    def keep_data(self, dataset: str) -> None:
        found = get_dataset(dataset)
        if not found.is_generated and not storage.has(found.arrays_key):
            storage.write(found.arrays_key, arrays_bytes(dataset))

    def succeed(self, report: dict[str, Any]) -> None:
        with session_scope() as session:
            job = session.get_one(Job, self._job_id)
            reached = goal_reached(job.lab, job.hyperparameters, report)
            self._flush_log(session)
            session.add_all(self._artefacts)
            finish(
                session, self._job_id, self.spec.attempt, JobState.SUCCEEDED,
                report=report, test_accuracy=report["metrics"].get("test_accuracy"), goal_reached_at=now() if reached else None,
            )  # fmt: skip
            checkpoints = [record.checkpoint_key for record in queries.epochs_of(session, self._job_id)]
        _forget(*checkpoints, *([_own_start(self.spec.id)] if self.spec.start else []))
        self._announce("state", {"state": JobState.SUCCEEDED})

    def should_stop(self) -> bool:
        return self._stop.is_set()

    def log(self, line: str) -> None:
        with self._log_lock:
            self._lines.append(
                JobLogLine(job_id=self._job_id, attempt=self.spec.attempt, line=line[:2000], written_at=now())
            )

    def fail(self, failure: Failure) -> None:
        """Fail the job with a reason for its student."""
        with session_scope() as session:
            self._flush_log(session)
            finish(session, self._job_id, self.spec.attempt, JobState.FAILED, failure)
        self._announce("state", {"state": JobState.FAILED})

    def flush(self) -> None:
        """Store the log lines buffered for the next write."""
        with session_scope() as session:
            self._flush_log(session)

    def _write(self, session: Session, **values: Any) -> None:
        """A fenced write that renews the lease and includes the buffered log lines."""
        write_as(session, self._job_id, self.spec.attempt, lease_expires_at=lease_end(), **values)
        self._flush_log(session)

    def _flush_log(self, session: Session) -> None:
        with self._log_lock:
            lines, self._lines = self._lines, []
        session.add_all(lines)

    def _stream_position(self) -> str:
        try:
            return last_event_id(self._redis, self.spec.id)
        except RedisError:
            return "0-0"

    def _announce(self, kind: str, data: dict[str, Any]) -> None:
        """No training fails because Redis is unreachable: pages read the database later."""
        try:
            add_event(self._redis, self.spec.id, kind, data)
        except RedisError:
            return


def _own_start(job_id: str) -> str:
    return f"jobs/{job_id}/start.keras"


def _forget(*keys: str) -> None:
    """Remove files no longer needed. An unreachable store keeps them; no training fails for that."""
    try:
        storage.delete(*keys)
    except Exception as error:  # a store has many ways to report that it is unreachable
        log.warning("files not removed", keys=keys, error=str(error))
