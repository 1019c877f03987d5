"""Run a command that does not outlive its parent: `python tied.py PARENT_PID COMMAND …`.

A demo or test run that is killed cannot end its servers; on Linux the kernel then
does. The command replaces this script, so its process id is that of the script.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # prctl(2)


def tie(parent: int) -> None:
    """Have the kernel kill this process when `parent`, its parent, ends.

    Only Linux can; elsewhere nothing happens. A change of user undoes it.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # It ended before the kernel was asked.
            sys.exit(1)


if __name__ == "__main__":
    tie(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])
