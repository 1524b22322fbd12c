"""The kernel's own limit on what a training allocates: it also applies between two checks of the supervisor.

RLIMIT_DATA counts private writable memory, so neither TensorFlow's code nor reserved address space. The memory that the
process already holds is added: TensorFlow itself does not count against a recipe's limit.
"""

import sys
from pathlib import Path

SPARE_MB = 256  # for thread stacks, and pages that an allocator keeps


def limit_memory(megabytes: int) -> None:
    """From now on an allocation beyond `megabytes` fails, with MemoryError or TensorFlow's ResourceExhaustedError. Linux only."""
    if sys.platform != "linux":
        return
    import resource

    soft = (held_mb() + megabytes + SPARE_MB) << 20
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def held_mb() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) >> 10
    return 0
