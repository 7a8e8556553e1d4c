"""Detection of jumps of the wall clock, by comparison with the monotonic clock."""

import time
from datetime import timedelta

TOLERANCE = timedelta(seconds=30)


class ClockJumpDetector:
    """Compares both clocks; while a machine sleeps only the wall clock goes on (Linux)."""

    def __init__(self) -> None:
        self._offset = _wall_clock_offset()

    def has_jumped(self) -> bool:
        """Return whether the clock was set, or the machine slept, since the last call."""
        before, self._offset = self._offset, _wall_clock_offset()
        return abs(self._offset - before) > TOLERANCE.total_seconds()


def _wall_clock_offset() -> float:
    return time.time() - time.monotonic()
