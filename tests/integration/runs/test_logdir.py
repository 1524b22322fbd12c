"""`sophora tensorboard`: all of somebody's trainings as event files."""

from pathlib import Path

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.jobs.models import Job
from app.runs.logdir import write_logdir
from tests.factories import make_job, make_user
from tests.integration.conftest import ON_SQLITE
from tests.integration.jobs.test_job_pages import add_epoch

pytestmark = ON_SQLITE


def trained(session: Session, user: User, recipe: str, *losses: float) -> Job:
    job = make_job(session, user, recipe=recipe, state="succeeded")
    session.flush()
    for number, loss in enumerate(losses, 1):
        add_epoch(session, job, number, metrics={"loss": loss, "val_loss": 2 * loss})
    return job


def test_each_training_with_an_epoch_is_a_run_that_tensorflow_reads(session: Session, tmp_path: Path) -> None:
    from tensorflow.core.util.event_pb2 import Event
    from tensorflow.python.lib.io import tf_record

    mine, other = make_user(session), make_user(session)
    first = trained(session, mine, "line", 0.5, 0.25)
    trained(session, mine, "toy-2d", 1.0)
    trained(session, mine, "mnist-mlp")  # without an epoch
    trained(session, other, "line", 3.0)

    assert write_logdir(session, mine.id, tmp_path) == 2
    runs = sorted(tmp_path.iterdir())
    assert [run.name.rpartition("-")[2] for run in runs if run.name.startswith("line")] == [first.id.hex[:8]]
    (file,) = runs[0].glob("events.out.tfevents.*")
    _version, *events = [Event.FromString(record) for record in tf_record.tf_record_iterator(str(file))]
    found = [{value.tag: value.simple_value for value in event.summary.value} for event in events]
    assert found == [
        {"epoch_loss/train": 0.5, "epoch_loss/validation": 1.0},
        {"epoch_loss/train": 0.25, "epoch_loss/validation": 0.5},
    ]
