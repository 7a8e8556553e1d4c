"""The hours that a window is compared with are the same ones by the audience's clock."""

import csv
import gzip
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.attention.channel import Channel
from analysis.attention.expected import estimate_expected
from analysis.attention.local_time import HOUR, history_hours
from analysis.attention.windows import (
    ChannelInputs,
    Parameters,
    build_channel,
    edge_hours,
    floor_hour,
)
from tests.conftest import REAL_DATA

PARAMETERS = Parameters()
ZONES = [
    ZoneInfo(name)
    for name in ("UTC", "Asia/Shanghai", "America/New_York", "Asia/Kolkata", "Australia/Sydney")
]


@given(
    st.integers(0, 2 * 365 * 1440).map(
        lambda m: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=m)
    ),
    st.sampled_from(ZONES),
)
def test_a_column_holds_one_hour_of_the_clock(instant: datetime, zone: ZoneInfo) -> None:
    first = floor_hour(instant)
    hours, there = history_hours(first, 56, zone)
    shown = first.astimezone(zone)
    for column in (0, 7, 23):
        want = (shown.hour + column) % 24, shown.minute
        for start in hours[:, column][there[:, column]]:
            channel = datetime.fromtimestamp(start, zone)
            assert (channel.hour, channel.minute) == want
    # Each clock change takes an hour from a row, or leaves one out; no hour is in two cells.
    existing = hours[there]
    assert len(set(existing)) == len(existing) >= 56 * 24 - 1
    assert existing.max() < first.timestamp()


def laid_out(
    posts: dict[datetime, int], window: tuple[datetime, datetime], zone: ZoneInfo
) -> Channel:
    first, _ = PARAMETERS.history(window)
    material = ChannelInputs(posts, [], [], [(first, window[1])], [], [], 100)
    channel = build_channel(material, window, PARAMETERS, zone)
    assert edge_hours(window, PARAMETERS, zone) == ()
    return channel


@pytest.mark.parametrize(("month", "changed"), [(3, 30), (10, 26)])
def test_people_who_rise_at_nine_do_so_when_clocks_change(month: int, changed: int) -> None:
    zone = ZoneInfo("Europe/Paris")
    day = datetime(2025, month, changed, tzinfo=zone) + timedelta(days=5)
    start = day.replace(hour=9).astimezone(UTC)
    window = start, start + HOUR
    posts = {(day.replace(hour=9) - timedelta(days=d)).astimezone(UTC): 40 for d in range(1, 57)}
    laid = laid_out(posts, window, zone)
    assert laid.counts.sum() == sum(posts.values())
    by_clock = estimate_expected(laid)
    by_utc = estimate_expected(laid_out(posts, window, ZoneInfo("UTC")))
    assert by_clock
    assert by_utc
    assert by_clock.mean == pytest.approx(40, rel=0.02)
    assert by_clock.dispersion < 0.01
    # Counted in UTC, five of 56 days say nine, and the rest an hour beside it.
    assert by_utc.mean < 20


def test_tweets_on_american_companies_keep_new_yorks_clock() -> None:
    """Real counts over the change of 2015-03-08: the clock tells the hours before the change
    better what they will be after it."""
    folder = REAL_DATA / "tweet-volume"
    if not folder.exists():
        pytest.skip("shared data is absent: tweet-volume")
    zone, change = ZoneInfo("America/New_York"), datetime(2015, 3, 8, 7, tzinfo=UTC)
    missed = {"clock": 0.0, "utc": 0.0}
    for file in sorted(folder.glob("*.csv.gz")):
        hourly: Counter[datetime] = Counter()
        with gzip.open(file, "rt") as lines:
            for row in csv.DictReader(lines):
                at = datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC)
                hourly[floor_hour(at)] += int(row["value"])
        top = float(np.quantile(list(hourly.values()), 0.95))
        for name, clock in (("clock", zone), ("utc", UTC)):
            shapes = [np.zeros(24), np.zeros(24)]
            for at, number in hourly.items():
                if at.astimezone(zone).weekday() < 5:
                    shapes[at >= change][at.astimezone(clock).hour] += min(number, top)
            before, after = (shape / shape.mean() for shape in shapes)
            missed[name] += float(((before - after) ** 2).sum())
    assert missed["clock"] < 0.75 * missed["utc"]
