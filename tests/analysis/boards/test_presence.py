from datetime import UTC, datetime, timedelta

import pytest

from analysis.boards.presence import EVENT_GAP, Seen, group, per_year, presence

T0 = datetime(2025, 8, 11, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def test_presence_joins_neighbouring_sightings_only() -> None:
    looks = [(at(m), 100) for m in (0, 60, 120, 180, 240)]
    seen = [
        Seen(at(0), "X崩了", 5, 600),
        Seen(at(60), "X崩了", 3, 1000),
        Seen(at(180), "X崩了", 9, 200),
    ]
    found = presence("weibo", seen, looks)
    assert (found.snapshots, found.looks) == (3, 5)
    assert (found.best_rank, found.peak_heat) == (3, 1000)
    assert found.minutes == 60  # it was absent at 120, so 60 to 180 is not joined
    assert found.heat_hours == pytest.approx(800)
    assert found.absent_from == at(240)
    assert found.upper_bound_heat is None


def test_a_gap_in_looking_is_not_time_on_the_board() -> None:
    looks = [(at(0), 100), (at(200), 100)]
    seen = [Seen(at(0), "X崩了", 5, 600), Seen(at(200), "X崩了", 5, 600)]
    found = presence("weibo", seen, looks)
    assert found.snapshots == 2
    assert found.minutes == 0
    assert found.absent_from is None


def test_absence_bounds_the_heat_and_no_look_bounds_nothing() -> None:
    assert presence("weibo", [], [(at(0), 100), (at(60), 140)]).upper_bound_heat == 140
    assert presence("weibo", [], []).upper_bound_heat is None
    assert presence("weibo", [], [(at(0), None)]).upper_bound_heat is None


def test_two_titles_of_one_event_are_not_summed() -> None:
    seen = [Seen(at(0), "X崩了", 5, 600), Seen(at(0), "X回应崩了", 2, 900)]
    found = presence("weibo", seen, [(at(0), 100)])
    assert (found.snapshots, found.peak_heat, found.best_rank) == (1, 900, 2)
    assert len(found.titles) == 2


def test_silence_splits_events() -> None:
    gap = EVENT_GAP / timedelta(minutes=1)
    seen = [Seen(at(m), "X崩了", 1, 1) for m in (0, gap, 2 * gap + 1)]
    assert [len(event) for event in group(seen)] == [2, 1]


def test_years_without_a_look_are_not_years_of_silence() -> None:
    events = [(datetime(2021, 5, 1, tzinfo=UTC), "ai"), (datetime(2023, 5, 1, tzinfo=UTC), "game")]
    looks = [start for start, _ in events]
    found = per_year(events, looks)
    assert [(y.year, y.ai, y.game, y.days) for y in found] == [(2021, 1, 0, 1), (2023, 0, 1, 1)]
