from datetime import UTC, datetime, timedelta

import pytest

from analysis.boards.presence import (
    EVENT_GAP,
    TitleSighting,
    events_per_year,
    measure_presence,
    split_events,
)

T0 = datetime(2025, 8, 11, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def test_presence_joins_neighbouring_sightings_only() -> None:
    looks = [(at(m), 100) for m in (0, 60, 120, 180, 240)]
    seen = [
        TitleSighting(at(0), "X崩了", 5, 600),
        TitleSighting(at(60), "X崩了", 3, 1000),
        TitleSighting(at(180), "X崩了", 9, 200),
    ]
    result = measure_presence("weibo", seen, looks)
    assert (result.snapshots, result.looks) == (3, 5)
    assert (result.best_rank, result.peak_heat) == (3, 1000)
    assert result.minutes == 60  # it was absent at 120, so 60 to 180 is not joined
    assert result.heat_hours == pytest.approx(800)
    assert result.absent_from == at(240)
    assert result.upper_bound_heat is None


def test_a_gap_in_looking_is_not_time_on_the_board() -> None:
    looks = [(at(0), 100), (at(200), 100)]
    seen = [TitleSighting(at(0), "X崩了", 5, 600), TitleSighting(at(200), "X崩了", 5, 600)]
    result = measure_presence("weibo", seen, looks)
    assert result.snapshots == 2
    assert result.minutes == 0
    assert result.absent_from is None


def test_absence_bounds_the_heat_and_no_look_bounds_nothing() -> None:
    assert measure_presence("weibo", [], [(at(0), 100), (at(60), 140)]).upper_bound_heat == 140
    assert measure_presence("weibo", [], []).upper_bound_heat is None
    assert measure_presence("weibo", [], [(at(0), None)]).upper_bound_heat is None


def test_two_titles_of_one_event_are_not_summed() -> None:
    seen = [TitleSighting(at(0), "X崩了", 5, 600), TitleSighting(at(0), "X回应崩了", 2, 900)]
    result = measure_presence("weibo", seen, [(at(0), 100)])
    assert (result.snapshots, result.peak_heat, result.best_rank) == (1, 900, 2)
    assert len(result.titles) == 2


def test_silence_splits_events() -> None:
    gap = EVENT_GAP / timedelta(minutes=1)
    seen = [TitleSighting(at(m), "X崩了", 1, 1) for m in (0, gap, 2 * gap + 1)]
    assert [len(event) for event in split_events(seen)] == [2, 1]


def test_years_without_a_look_are_not_years_of_silence() -> None:
    events = [(datetime(2021, 5, 1, tzinfo=UTC), "ai"), (datetime(2023, 5, 1, tzinfo=UTC), "game")]
    looks = [start for start, _ in events]
    result = events_per_year(events, looks)
    assert [(y.year, y.ai, y.game, y.days) for y in result] == [(2021, 1, 0, 1), (2023, 0, 1, 1)]
