"""Waiting for a condition, however slow the machine is."""

import time
from collections.abc import Callable
from typing import TypeVar

# The limit of every wait, which only a test that hangs reaches.
MAX_WAIT_SECONDS = 600
LOOK_SECONDS = 0.02
T = TypeVar("T")


def wait_for(condition: Callable[[], T], what: str = "the condition") -> T:
    """Wait until a condition is true, and return its value; `what` names it in a failure."""
    ends = time.monotonic() + MAX_WAIT_SECONDS
    while not (value := condition()):
        assert time.monotonic() < ends, f"never: {what}"
        time.sleep(LOOK_SECONDS)
    return value
