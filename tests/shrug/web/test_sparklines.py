"""Sparklines fit their picture."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.report.data import Hour
from shrug.web.sparklines import HEIGHT, bars

START = datetime(2026, 1, 1, tzinfo=UTC)
HOURS = st.lists(st.tuples(st.integers(0, 10**6), st.floats(0, 10**6)), max_size=48)


@given(HOURS)
def test_the_highest_bar_fills_the_picture(counts: list[tuple[int, float]]) -> None:
    hours = [
        Hour(START + timedelta(hours=n), posts, expected, 0.0, 0.0, 1.0)
        for n, (posts, expected) in enumerate(counts)
    ]
    drawn = bars(hours)
    assert [bar.x for bar in drawn] == sorted({bar.x for bar in drawn})
    heights = [height for bar in drawn for height in (bar.height, bar.expected)]
    assert all(0 <= height <= HEIGHT for height in heights)
    if any(max(count) > 0.01 for count in counts):
        assert max(heights) == pytest.approx(HEIGHT)
