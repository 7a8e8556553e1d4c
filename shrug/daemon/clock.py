"""Whether the wall clock went on as fast as the one that nobody sets."""

import time
from datetime import timedelta

SLACK = timedelta(seconds=30)


class Clock:
    """Two clocks side by side; while a machine sleeps only the wall clock goes on (Linux)."""

    def __init__(self) -> None:
        self._ahead = _ahead()

    def jumped(self) -> bool:
        """Whether the wall clock was set, or the machine slept, since this was asked last."""
        before, self._ahead = self._ahead, _ahead()
        return abs(self._ahead - before) > SLACK.total_seconds()


def _ahead() -> float:
    return time.time() - time.monotonic()
