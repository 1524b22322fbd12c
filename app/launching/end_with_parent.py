"""`python end_with_parent.py PARENT COMMAND …`: become COMMAND, which the kernel ends as soon as the process PARENT has ended.

So nothing is left running behind a launcher that was killed and could not tidy up. Only Linux has this; elsewhere the command
simply runs. Standard library alone, since this stands before each start.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int) -> None:
    """Has SIGKILL sent to this process when its parent ends: even one that hangs cannot stay. Ends it now if that has happened already."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


if __name__ == "__main__":
    end_with_parent(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])
