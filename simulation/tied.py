"""Run a command that does not outlive its parent: `python tied.py PARENT_PID USER COMMAND …`.

A demo or test run that is killed cannot end its servers; on Linux the kernel then
does. The command replaces this script, so its process id is that of the script.
`USER` is who runs it (only root may name another), or empty.
"""

from __future__ import annotations

import ctypes
import os
import pwd
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


def become(user: str) -> None:
    """Give up what root may do."""
    entry = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


if __name__ == "__main__":
    if sys.argv[2]:
        become(sys.argv[2])
    tie(int(sys.argv[1]))
    os.execvp(sys.argv[3], sys.argv[3:])
