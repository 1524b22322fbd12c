"""What a training run may write: everything fenced, files and checkpoints in their places, live events in order."""

import hashlib
import io
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import db, storage
from app.core.redis import get_redis
from app.jobs.models import Job, JobArtefact, JobEpoch, JobLogLine, JobState
from app.jobs.stream import stream_key
from app.recipes.dataset import get_dataset
from tests.factories import make_job, make_user
from worker import claim
from worker.channel import AttemptSuperseded, EpochRecord, JobSpec, Point
from worker.claim import Failure
from worker.database_channel import DatabaseChannel


@pytest.fixture
def channel(session: Session, redis: None) -> DatabaseChannel:
    """The channel of the first attempt of a claimed job."""
    make_job(session, make_user(session), hyperparameters={"epochs": 3})
    session.commit()
    return next_attempt()


def next_attempt() -> DatabaseChannel:
    with db.session_scope() as session:
        taken = claim.claim_next(session, "cpu")
    return DatabaseChannel(
        JobSpec(str(taken.job_id), taken.attempt, taken.recipe, taken.hyperparameters), threading.Event()
    )


def supersede(channel: DatabaseChannel) -> DatabaseChannel:
    with db.session_scope() as session:
        claim.interrupt(session, UUID(channel.spec.id), channel.spec.attempt, "a test")
    return next_attempt()


def record(epoch: int, **values: Any) -> EpochRecord:
    defaults: dict[str, Any] = {
        "metrics": {"loss": 0.5, "val_loss": 0.4}, "seconds": 1.5, "points": [Point(epoch * 100, epoch, {"loss": 0.6})], "checkpoint": f"epoch {epoch}".encode(),
    }  # fmt: skip
    return EpochRecord(epoch, **{**defaults, **values})


def job(channel: DatabaseChannel) -> Job:
    with db.session_scope(writes=False) as session:
        return session.get_one(Job, UUID(channel.spec.id))


def events(channel: DatabaseChannel) -> list[tuple[str, dict[str, Any]]]:
    return [
        (fields[b"type"].decode(), json.loads(fields[b"data"]))
        for _, fields in get_redis().xrange(stream_key(channel.spec.id))
    ]


WRITES = {
    "phase": lambda channel: channel.phase("training", epochs=3, steps_per_epoch=10),
    "epoch": lambda channel: channel.epoch(record(1)),
    "succeed": lambda channel: channel.succeed({"metrics": {}}),
    "fail": lambda channel: channel.fail(Failure("a reason")),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_a_superseded_run_can_write_nothing(channel: DatabaseChannel, session: Session, write: Any) -> None:
    current = supersede(channel)
    channel.log("a line of the old attempt")
    before = job(current)
    with pytest.raises(AttemptSuperseded):
        write(channel)
    after = job(current)
    assert (after.state, after.attempt, after.phase, after.lease_expires_at) == (
        JobState.RUNNING,
        2,
        before.phase,
        before.lease_expires_at,
    )
    assert session.scalars(select(JobEpoch.epoch)).all() == []
    assert session.scalars(select(JobArtefact.name)).all() == []
    assert "a line of the old attempt" not in session.scalars(select(JobLogLine.line)).all()
    assert events(current) == []


def test_a_superseded_run_cannot_overwrite_the_files_of_the_current_one(channel: DatabaseChannel) -> None:
    current = supersede(channel)
    current.publish("model.keras", b"current")
    current.succeed({"metrics": {}})
    channel.publish("model.keras", b"old")
    with db.session_scope(writes=False) as session:
        artefact = session.scalar(select(JobArtefact))
    assert artefact.attempt == 2
    assert storage.read(artefact.key) == b"current"


def test_an_epoch_is_stored_with_its_points_and_its_place_in_the_stream(
    channel: DatabaseChannel, session: Session
) -> None:
    channel.points([Point(50, 1, {"loss": 0.9})])
    position = get_redis().xrevrange(stream_key(channel.spec.id), count=1)[0][0].decode()
    channel.epoch(record(1, extra={"boundary": [1, 2]}))
    stored = session.scalar(select(JobEpoch))
    assert (stored.epoch, stored.attempt, stored.metrics, stored.seconds) == (
        1,
        1,
        {"loss": 0.5, "val_loss": 0.4},
        1.5,
    )
    assert stored.points == [[100, {"loss": 0.6}]]
    assert stored.extra == {"boundary": [1, 2]}
    assert stored.stream_id == position


def test_every_write_renews_the_lease(channel: DatabaseChannel) -> None:
    before = job(channel).lease_expires_at
    channel.epoch(record(1))
    assert job(channel).lease_expires_at > before


def test_only_the_last_checkpoint_is_kept(channel: DatabaseChannel) -> None:
    channel.epoch(record(1))
    channel.epoch(record(2))
    with db.session_scope(writes=False) as session:
        first, second = session.scalars(select(JobEpoch.checkpoint_key).order_by(JobEpoch.epoch)).all()
    assert storage.read(first) is None
    assert storage.read(second) == b"epoch 2"


def test_a_new_attempt_goes_on_from_the_last_checkpoint(channel: DatabaseChannel) -> None:
    channel.phase("training", epochs=3, steps_per_epoch=10)
    channel.epoch(record(1))
    channel.epoch(record(2))
    current = supersede(channel)
    assert current.latest_checkpoint() == (2, b"epoch 2")
    assert events(current)[-1] == ("rewind", {"step": 20, "epoch": 2})


def test_a_checkpoint_that_is_lost_means_starting_over_and_the_pages_hear_it(
    channel: DatabaseChannel, session: Session
) -> None:
    channel.epoch(record(1))
    storage.delete(session.scalar(select(JobEpoch.checkpoint_key)))
    session.rollback()
    current = supersede(channel)
    assert current.latest_checkpoint() is None
    assert events(current)[-1] == ("rewind", {"step": 0, "epoch": 0})


def test_the_first_attempt_starts_from_nothing_and_rewinds_nothing(channel: DatabaseChannel) -> None:
    assert channel.latest_checkpoint() is None
    assert events(channel) == []


def test_an_epoch_that_is_repeated_replaces_itself(channel: DatabaseChannel, session: Session) -> None:
    channel.epoch(record(1))
    current = supersede(channel)
    current.epoch(record(1, seconds=9.0))
    assert session.execute(select(JobEpoch.epoch, JobEpoch.attempt, JobEpoch.seconds)).all() == [(1, 2, 9.0)]


def test_success_stores_the_report_and_drops_the_checkpoints(
    channel: DatabaseChannel, session: Session
) -> None:
    channel.epoch(record(1))
    checkpoint = session.scalar(select(JobEpoch.checkpoint_key))
    session.rollback()
    channel.log("the last line")
    channel.publish("model.tflite", b"weights")
    channel.succeed({"metrics": {"test_accuracy": 0.9}})
    done = job(channel)
    assert (done.state, done.report, done.phase, done.lease_expires_at) == (
        JobState.SUCCEEDED,
        {"metrics": {"test_accuracy": 0.9}},
        None,
        None,
    )
    assert done.finished_at is not None
    assert storage.read(checkpoint) is None
    assert session.scalar(select(JobLogLine.line)) == "the last line"
    assert session.execute(select(JobArtefact.name, JobArtefact.size)).all() == [("model.tflite", 7)]
    assert events(channel)[-1] == ("state", {"state": "succeeded"})


@pytest.mark.parametrize(("accuracy", "reached"), [(0.95, True), (0.85, False)])
def test_success_says_whether_the_labs_goal_was_reached(
    channel: DatabaseChannel, accuracy: float, reached: bool
) -> None:
    with db.session_scope() as session:
        session.get_one(Job, UUID(channel.spec.id)).lab = {
            "goal": {"conditions": [{"metric": "test_accuracy", "at_least": 0.9}]}
        }
    channel.succeed({"metrics": {"test_accuracy": accuracy}})
    assert (job(channel).goal_reached_at is not None) == reached


def test_a_training_goes_on_while_redis_is_away(session: Session, redis_away: None) -> None:
    make_job(session, make_user(session))
    session.commit()
    channel = next_attempt()
    channel.phase("training", epochs=3, steps_per_epoch=10)
    channel.points([Point(1, 1, {"loss": 1.0})])
    channel.epoch(record(1))
    channel.succeed({"metrics": {}})
    assert job(channel).state == JobState.SUCCEEDED


def test_a_failure_keeps_its_reason_and_its_log(channel: DatabaseChannel, session: Session) -> None:
    channel.log("Traceback …")
    channel.fail(Failure("It took {minutes} minutes.", {"minutes": 5}))
    assert job(channel).failure == {"message": "It took {minutes} minutes.", "values": {"minutes": 5}}
    assert session.scalar(select(JobLogLine.line)) == "Traceback …"


def test_a_very_long_log_line_is_cut(channel: DatabaseChannel, session: Session) -> None:
    channel.log("x" * 100_000)
    channel.flush()
    assert len(session.scalar(select(JobLogLine.line))) == 2000


def test_a_stream_is_bounded_and_forgotten_after_a_day(channel: DatabaseChannel) -> None:
    key = stream_key(channel.spec.id)
    for step in range(5000):
        channel.points([Point(step, 1, {"loss": 1.0})])
    assert 4000 <= get_redis().xlen(key) < 4200
    assert 0 < get_redis().ttl(key) <= 24 * 3600


def test_the_arrays_of_a_data_set_that_is_read_from_files_are_kept_for_notebooks(
    configure: Callable[..., None], channel: DatabaseChannel, tmp_path: Path
) -> None:
    folder = tmp_path / "few"
    folder.mkdir()
    (folder / "few.txt").write_bytes(b"1 2 3")
    digest = hashlib.sha256(b"1 2 3").hexdigest()
    (folder / "dataset.toml").write_text(
        'title = { zh = "数", en = "Few" }\nlicence = "ours"\nsource = "a test"\n'
        f'[[files]]\nname = "few"\npath = "few.txt"\nsha256 = "{digest}"\n'
    )
    (folder / "load.py").write_text(
        'import numpy as np\n\ndef read(files):\n    return {"x": np.loadtxt(files["few"])}\n'
    )
    configure(datasets_dir=tmp_path, data_dir=tmp_path / "data", storage_url=(tmp_path / "files").as_uri())
    key = get_dataset("few").arrays_key
    assert not storage.has(key)
    channel.keep_data("few")
    with np.load(io.BytesIO(storage.read(key) or b"")) as arrays:
        assert arrays["x"].tolist() == [1, 2, 3]
    storage.write(key, b"is not made twice")
    channel.keep_data("few")
    assert storage.read(key) == b"is not made twice"
