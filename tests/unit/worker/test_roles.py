"""What a process of each role imports, and that it takes only one role."""

import subprocess
import sys

import pytest

from worker.celery_app import _named, _take_a_role

HEAVY = ("tensorflow", "keras", "numpy", "sklearn")


def test_a_maintenance_process_has_no_tensorflow() -> None:
    code = f"import worker.celery_app, worker.duties, worker.beat, sys; print([m for m in {HEAVY} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert found.strip() == "[]"


def test_who_only_supervises_trainings_has_no_tensorflow_either() -> None:
    code = f"import worker.tasks, worker.lookout, sys; print([m for m in {HEAVY} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert found.strip() == "[]"


def test_a_process_that_would_do_both_says_why_it_does_not_start() -> None:
    with pytest.raises(SystemExit, match="not both"):
        _take_a_role(conf=None, options={"queues": "cpu,maintenance"})


def test_queues_come_as_text_or_as_a_list_and_without_any_it_is_maintenance() -> None:
    assert _named("cpu,gpu") == _named(["cpu", "gpu"]) == ["cpu", "gpu"]
    assert _named(None) == _named("") == ["maintenance"]
