"""The resume test's child processes: a job with its checkpoints in a folder, killed at a chosen step."""

import json
import os
import signal
from pathlib import Path

from worker.channel import ConsoleChannel, EpochRecord, JobSpec


class FolderChannel(ConsoleChannel):
    """Stores the last checkpoint on disk, as a real channel does, and may kill its own process."""

    def __init__(self, spec: JobSpec, folder: Path, kill_at_batch: int | None) -> None:
        path = folder / "checkpoint.npz"
        stored = (1, path.read_bytes()) if path.exists() else None
        super().__init__(spec, checkpoint=stored)
        self.path = path
        self.batches_left = kill_at_batch

    def epoch(self, record: EpochRecord) -> None:
        super().epoch(record)
        temporary = self.path.with_suffix(".tmp")
        temporary.write_bytes(record.checkpoint)
        temporary.replace(self.path)

    def should_stop(self) -> bool:
        # Called before each batch of training and of validation: as exact a point in time as possible.
        if self.batches_left is not None:
            if self.batches_left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            self.batches_left -= 1
        return False


def run(spec: JobSpec, folder: str, kill_at_batch: int | None, warm: bool = False) -> None:
    from worker.runner import train
    from worker.warm_up import warm_up

    if warm:
        warm_up(2)

    channel = FolderChannel(spec, Path(folder), kill_at_batch)
    train(channel, sample=200)
    result = {"weights_sha256": channel.report["weights_sha256"], "epochs": [e.epoch for e in channel.epochs]}
    result["metrics"] = channel.report["metrics"]
    (Path(folder) / "result.json").write_text(json.dumps(result))
