"""`python end_with_parent.py PARENT COMMAND …`: become COMMAND, which the kernel kills as soon as the process PARENT has ended.

So nothing stays running after a launcher was killed without cleaning up. Only Linux has this; elsewhere the command
simply runs. Standard library only, as this runs before each start.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int) -> None:
    """Arrange for SIGKILL when the parent ends, so that even a hanging process goes away. Exit now if it has ended already."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


if __name__ == "__main__":
    end_with_parent(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])
