"""TensorFlow's own reader, the one TensorBoard uses, opens what we write without it."""

from pathlib import Path

import pytest

from app.runs.event_file import event_file


def test_tensorflow_reads_the_events_with_their_checksums(tmp_path: Path) -> None:
    from tensorflow.core.util.event_pb2 import Event
    from tensorflow.python.lib.io import tf_record

    scalars = [
        (1000.5 + epoch, epoch, {"epoch_loss/train": 1 / epoch, "epoch_loss/validation": 2.0 * epoch})
        for epoch in (1, 2, 300)
    ]
    file = tmp_path / "events.out.tfevents.1000.sophora"
    file.write_bytes(event_file(1000.25, scalars))
    first, *events = [Event.FromString(record) for record in tf_record.tf_record_iterator(str(file))]
    assert (first.file_version, first.wall_time) == ("brain.Event:2", 1000.25)
    assert [(event.wall_time, event.step) for event in events] == [(when, step) for when, step, _ in scalars]
    found = [{value.tag: value.simple_value for value in event.summary.value} for event in events]
    assert found == [pytest.approx(values) for _, _, values in scalars]
