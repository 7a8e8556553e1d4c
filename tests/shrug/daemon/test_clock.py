"""Jumps of the wall clock are detected."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shrug.daemon.clock import TOLERANCE, ClockJumpDetector


@given(st.lists(st.integers(-100_000, 100_000), max_size=20))
def test_a_jump_is_reported_once_if_it_exceeds_the_tolerance(shifts: list[int]) -> None:
    # Half a second off, so that the time that the test takes decides nothing.
    ahead = 0.0
    real_time = time.time
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", lambda: real_time() + ahead)
        detector = ClockJumpDetector()
        for shift in shifts:
            ahead += shift + 0.5
            assert detector.has_jumped() == (abs(shift + 0.5) > TOLERANCE.total_seconds())
            assert not detector.has_jumped()
