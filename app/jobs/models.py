from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.core.clock import now
from app.core.db import Base
from app.core.owned import Owned

STARTED = text("attempt > 0")
SHARED = text("shared_at is not null")
OF_SWEEP = text("sweep_id is not null")


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_active(self) -> bool:
        return not self.is_final

    @property
    def is_final(self) -> bool:
        return self in {JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED}


# For queries.
ACTIVE = tuple(state for state in JobState if state.is_active)
ENDED = tuple(state for state in JobState if state.is_final)


class Sweep(Base):
    """Trainings that differ in one or two settings, submitted together: one for each combination of values."""

    __tablename__ = "sweeps"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    recipe: Mapped[str] = mapped_column(String(80))
    # [{"setting": a name, "values": [...]}, ...]: one or two.
    axes: Mapped[list[Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)
    # When its owner cancelled all that had not ended yet.
    cancelled_at: Mapped[datetime | None]


class Job(Base):
    """A training that a student submitted. This row is the queue: a worker owns it while its attempt is current."""

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint(
            "state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')", name="known_state"
        ),
        CheckConstraint("state != 'running' or lease_expires_at is not null", name="running_has_lease"),
        CheckConstraint("(user_id is null) != (guest_key is null)", name="one_owner"),
        # The claim reads its first entry; see app.jobs.queue.fairness.
        Index("ix_jobs_state_queue_turn", "state", "queue", "turn", "created_at", "id"),
        Index("ix_jobs_queue_turn_started", "queue", "turn", sqlite_where=STARTED, postgresql_where=STARTED),
        Index("ix_jobs_user_id_created_at", "user_id", "created_at"),
        Index("ix_jobs_user_id_test_accuracy", "user_id", "test_accuracy"),
        Index("ix_jobs_user_id_lesson_id", "user_id", "lesson_id"),
        Index("ix_jobs_sweep_id", "sweep_id", sqlite_where=OF_SWEEP, postgresql_where=OF_SWEEP),
        Index("ix_jobs_shared_at", "shared_at", sqlite_where=SHARED, postgresql_where=SHARED),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    # None while it is a visitor's, whom `guest_key` knows by the hash of a cookie; see app.jobs.guests.
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    guest_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    recipe: Mapped[str] = mapped_column(String(80))
    hyperparameters: Mapped[dict[str, Any]]
    lesson_id: Mapped[UUID | None] = mapped_column(ForeignKey("lessons.id", ondelete="SET NULL"), index=True)
    lab_key: Mapped[str | None] = mapped_column(String(80))
    # A snapshot of the lab at submission: goal and guess stay comparable after the lesson changes.
    lab: Mapped[dict[str, Any] | None]
    guess: Mapped[str | None] = mapped_column(String(200))
    cloned_from_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("jobs.id", ondelete="SET NULL"), index=True
    )
    # The training with whose weights it starts, and what a worker needs of that: {"key": its file, "weights_sha256": ..., "learning":
    # how many of the last layers learn, 0 for all}. The second stays when the first is deleted.
    continued_from_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("jobs.id", ondelete="SET NULL"), index=True
    )
    start: Mapped[dict[str, Any] | None]
    sweep_id: Mapped[UUID | None] = mapped_column(ForeignKey("sweeps.id", ondelete="SET NULL"))

    state: Mapped[str] = mapped_column(String(20), default=JobState.QUEUED)
    queue: Mapped[str] = mapped_column(String(20), default="cpu")
    # The round of the queue in which it is due; see app.jobs.queue.fairness.
    turn: Mapped[int] = mapped_column(default=0, server_default="0")
    # Digest of recipe.toml and recipe.py at submission: a worker with other versions skips the job.
    recipe_digest: Mapped[str | None] = mapped_column(String(64))
    # TensorFlow's intra-op threads, set by the first claim: the last bits of the weights depend on them.
    threads: Mapped[int | None]
    attempt: Mapped[int] = mapped_column(default=0)
    # The unavailable service the job was given back for, the earliest retry, and how often that has happened.
    held_by: Mapped[str | None] = mapped_column(String(20))
    held_until: Mapped[datetime | None]
    give_backs: Mapped[int] = mapped_column(default=0, server_default="0")
    interruptions: Mapped[int] = mapped_column(default=0)
    lease_expires_at: Mapped[datetime | None]
    cancel_requested_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    # The running attempt's phase: preparing, training, evaluating.
    phase: Mapped[str | None] = mapped_column(String(20))
    steps_per_epoch: Mapped[int | None]
    # Why it failed, for the student: {"message": a msgid, "values": its placeholders' values}.
    failure: Mapped[dict[str, Any] | None]
    report: Mapped[dict[str, Any] | None]
    # From the report, for lists that do not read it.
    test_accuracy: Mapped[float | None]
    goal_reached_at: Mapped[datetime | None]
    # Since when the class may see it.
    shared_at: Mapped[datetime | None]
    # Its owner's words about it. Tags are between commas: ",first,second,".
    note: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    tags: Mapped[str] = mapped_column(String(400), default="", server_default="")
    # Since when it is out of its owner's list.
    archived_at: Mapped[datetime | None]

    user: Mapped[User | None] = relationship(lazy="raise")
    epochs: Mapped[list["JobEpoch"]] = relationship(lazy="raise", order_by="JobEpoch.epoch")

    @property
    def is_active(self) -> bool:
        return JobState(self.state).is_active

    @property
    def is_final(self) -> bool:
        return JobState(self.state).is_final

    @property
    def tag_list(self) -> list[str]:
        return [tag for tag in self.tags.split(",") if tag]


class JobEpoch(Base):
    """A finished epoch, with the sampled points kept of it and the checkpoint the next one starts from."""

    __tablename__ = "job_epochs"

    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    attempt: Mapped[int]
    metrics: Mapped[dict[str, Any]]
    seconds: Mapped[float]
    # [[step, {"loss": ..., "accuracy": ...}], ...]
    points: Mapped[list[Any]]
    extra: Mapped[dict[str, Any]]
    checkpoint_key: Mapped[str] = mapped_column(String(200))
    finished_at: Mapped[datetime] = mapped_column(default=now)
    # The last entry of the job's live stream when this row was written: a page rendered from here replays what follows.
    stream_id: Mapped[str] = mapped_column(String(40))


class JobArtefact(Base):
    """A file published by an attempt. Those of the successful attempt are the job's."""

    __tablename__ = "job_artefacts"

    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    key: Mapped[str] = mapped_column(String(200))
    size: Mapped[int]


class QueuePause(Base):
    """A queue or a worker that begins no training. `target`: "queue:cpu", or "worker:" and the worker's name."""

    __tablename__ = "queue_pauses"

    target: Mapped[str] = mapped_column(String(200), primary_key=True)
    since: Mapped[datetime] = mapped_column(default=now)


class JobLogLine(Base):
    __tablename__ = "job_log_lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), index=True)
    attempt: Mapped[int]
    written_at: Mapped[datetime] = mapped_column(default=now)
    line: Mapped[str]


def _file_name(artefact: Mapping[str, Any]) -> str:
    return f"trainings/{artefact['job_id']}/{artefact['attempt']}/{artefact['name']}"


TRAININGS = Owned("trainings", Job, "user_id")
OWNED = (
    Owned("training-sweeps", Sweep, "user_id"),
    TRAININGS,
    Owned("training-epochs", JobEpoch, "job_id", TRAININGS),
    Owned("training-logs", JobLogLine, "job_id", TRAININGS),
    Owned("training-files", JobArtefact, "job_id", TRAININGS, _file_name),
)
