import subprocess
import sys

CODE = """
import numpy
from worker.memory_limit import limit_memory
limit_memory(100)
for megabytes in (50, 2000):
    try:
        print(megabytes, numpy.zeros(megabytes << 20, dtype="uint8").size >> 20)
    except MemoryError:
        print(megabytes, "MemoryError")
"""


def test_an_allocation_beyond_the_limit_fails_at_once_and_one_within_does_not() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["50 50", "2000 MemoryError"]
