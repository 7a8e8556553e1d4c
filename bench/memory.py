"""The peak memory of a process."""

import os
from pathlib import Path


def peak_bytes(pid: int | None = None) -> int:
    """Return the peak resident memory of a process (default: this one); 0 if it is gone.

    Read from Linux (VmHWM in proc(5)): psutil gives no peak there, and the peak of `getrusage`
    starts from the parent's.
    """
    try:
        status = Path(f"/proc/{pid or os.getpid()}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    line = next((x for x in status.splitlines() if x.startswith("VmHWM:")), "VmHWM: 0 kB")
    return int(line.split()[1]) * 1024
