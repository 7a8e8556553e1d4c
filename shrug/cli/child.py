"""A job's command in a process of its own: `python -m shrug.cli.child COMMAND…`.

The process ends when the daemon is gone, however it went: the kernel tells it (Linux).
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Run a command of ours as a child of the daemon."""
    if sys.platform == "linux":
        parent = int(os.environ.pop("SHRUG_DAEMON_PID", "0"))
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if parent and os.getppid() != parent:
            sys.exit(143)  # it was gone before we asked to be told
    from shrug.cli import main as run

    run(sys.argv[1:])


if __name__ == "__main__":
    main()
