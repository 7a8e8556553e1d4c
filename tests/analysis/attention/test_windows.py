from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.attention.local_time import HOUR
from analysis.attention.windows import (
    ChannelInputs,
    Coverage,
    Parameters,
    build_channel,
    edge_hours,
    floor_hour,
)

START = datetime(2026, 3, 10, 13, 50, tzinfo=UTC)
PARAMETERS = Parameters(weeks=2)
WINDOW = PARAMETERS.window(START, START + timedelta(minutes=109))
FIRST = floor_hour(WINDOW[0]) - timedelta(weeks=2)
EDGES = edge_hours(WINDOW, PARAMETERS, UTC)


def material(times: list[datetime], **changed: object) -> ChannelInputs:
    first, last = PARAMETERS.history(WINDOW)
    whole = [(first, WINDOW[1])]
    values: dict[str, object] = {
        "hourly": Counter(floor_hour(t) for t in times if first <= t < last),
        "edge_times": sorted(t for t in times if t < last and t.hour in EDGES),
        "window_times": [t for t in times if WINDOW[0] <= t < WINDOW[1]],
        "whole": whole,
        "cut": [],
        "outages": [],
        "control": 100,
    }
    return ChannelInputs(**{**values, **changed})  # type: ignore[arg-type]


def test_the_window_has_lead_and_lag() -> None:
    assert WINDOW[0] == START - timedelta(minutes=30)
    assert WINDOW[1] == START + timedelta(minutes=109 + 120)
    assert EDGES == (13, 17)


@given(st.lists(st.integers(0, 14 * 24 * 60 + 250), max_size=300))
def test_every_post_is_counted_where_it_was_made(minutes: list[int]) -> None:
    first, last = FIRST, floor_hour(WINDOW[0])
    times = sorted(first + timedelta(minutes=m) for m in minutes)
    channel = build_channel(material(times), WINDOW, PARAMETERS)
    assert channel.counts.sum() == sum(t < last for t in times)
    assert channel.observed == sum(WINDOW[0] <= t < WINDOW[1] for t in times)
    for block, count in enumerate(channel.block_counts):
        begin, end = (t - timedelta(days=block + 1) for t in WINDOW)
        assert count == sum(begin <= t < end for t in times)


def test_shares_are_to_the_minute() -> None:
    channel = build_channel(material([]), WINDOW, PARAMETERS)
    assert channel.shares.sum() == pytest.approx((WINDOW[1] - WINDOW[0]) / HOUR)
    assert channel.shares[0] == pytest.approx(40 / 60)
    assert channel.window_exposure == pytest.approx(channel.shares.sum())


def test_hours_that_nobody_read_are_missing() -> None:
    first = FIRST
    gap = first + timedelta(days=3), first + timedelta(days=4)
    channel = build_channel(
        material([], whole=[(first, gap[0]), (gap[1], WINDOW[1])]), WINDOW, PARAMETERS
    )
    assert channel.exposure.sum() == 13 * 24
    assert (channel.exposure == 0).sum() == 24


def test_known_outages_and_the_day_after_are_left_out() -> None:
    first = FIRST
    other = first + timedelta(days=5), first + timedelta(days=5, hours=3)
    channel = build_channel(material([], outages=[other]), WINDOW, PARAMETERS)
    assert channel.exposure.sum() == 14 * 24 - 27


def test_a_capped_window_is_a_lower_bound() -> None:
    first, last = PARAMETERS.history(WINDOW)
    channel = build_channel(
        material([START], whole=[(first, last)], cut=[(last, WINDOW[1])]), WINDOW, PARAMETERS
    )
    assert channel.capped
    assert channel.observed == 1


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 90)), max_size=12))
def test_coverage_measures_the_union_of_its_spans(spans: list[tuple[int, int]]) -> None:
    origin = datetime(2026, 1, 1, tzinfo=UTC)
    whole = [
        (origin + timedelta(minutes=a), origin + timedelta(minutes=a + length))
        for a, length in spans
    ]
    minutes = {m for a, length in spans for m in range(a, a + length)}
    edges = np.array([origin.timestamp()]), np.array([(origin + timedelta(days=1)).timestamp()])
    assert Coverage(whole).hours(*edges)[0] * 60 == pytest.approx(len(minutes))
    inside = np.array([origin.timestamp() + 60 * m + 30 for m in range(600)])
    assert Coverage(whole).covers(inside).tolist() == [float(m in minutes) for m in range(600)]
