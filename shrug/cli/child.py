"""Running of a job's command as a child of the daemon: `python -m shrug.cli.child COMMAND…`.

On Linux the kernel ends the process if the daemon is gone, whatever ended it.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Run a command of shrug that ends with the daemon."""
    if sys.platform == "linux":
        parent = int(os.environ.pop("SHRUG_DAEMON_PID", "0"))
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if parent and os.getppid() != parent:
            sys.exit(143)  # the daemon ended before prctl was called
    from shrug.cli import main as run

    run(sys.argv[1:])


if __name__ == "__main__":
    main()
