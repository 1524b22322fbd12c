"""Python that is run as if copied into an empty file, without the time that importing TensorFlow takes."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

RUNNER = Path(__file__).parent / "lessons" / "block_runner.py"
Runner = subprocess.Popen[str]


@contextmanager
def started_runner() -> Iterator[Runner]:
    """Has imported TensorFlow, and runs what it is given, each order in a fork."""
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    with subprocess.Popen(
        [sys.executable, str(RUNNER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
        start_new_session=True,
    ) as runner:
        try:
            yield runner
        finally:
            os.killpg(runner.pid, signal.SIGKILL)


def run_blocks(runner: Runner, sources: Mapping[str, str], folder: Path) -> dict[str, dict[str, str | None]]:
    """By name, what each block printed, and its error; one after the other in one process."""
    # A block that wants a file of the project does not find it in that folder.
    order = {"folder": str(folder), "blocks": dict(sources)}
    runner.stdin.write(f"{json.dumps(order)}\n")
    runner.stdin.flush()
    results = json.loads(runner.stdout.readline())
    assert results is not None, "the blocks ended their process"
    return results
