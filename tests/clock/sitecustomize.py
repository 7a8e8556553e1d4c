"""A process with a clock of its own, for tests: put this folder on PYTHONPATH, and name a file in
TEST_CLOCK that says how many seconds ahead of the true one it is. It may change at any time."""

import os
import threading
import time
from pathlib import Path

EVERY = 0.05


def _told(path: Path) -> float:
    try:
        return float(path.read_text())
    except (OSError, ValueError):
        return 0.0


def _follow(path: Path) -> None:
    import time_machine

    ahead = _told(path)
    clock = time_machine.travel(time.time() + ahead, tick=True).start()

    def following() -> None:
        nonlocal ahead
        while True:
            time.sleep(EVERY)
            now = _told(path)
            if now != ahead:
                clock.shift(now - ahead)
                ahead = now

    threading.Thread(target=following, daemon=True).start()


if "TEST_CLOCK" in os.environ:
    _follow(Path(os.environ["TEST_CLOCK"]))
