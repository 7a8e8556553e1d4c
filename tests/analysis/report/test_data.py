"""Figures that the report's dataclasses derive from their fields."""

from dataclasses import replace
from datetime import timedelta

import pytest

from analysis.attention.verdicts import Verdict
from analysis.report.data import SourceCoverage, count_verdicts
from tests.analysis.report.reports import AT, make_outage, make_report

OUTAGE = make_outage(1, "deepseek", None, ratio=2.0)
SOURCE = SourceCoverage("weibo", 50, AT, AT, 12.0, assumed=False, capped=False, strip=(1.0, 0.0))


@pytest.mark.parametrize(
    ("kind", "components", "minutes"),
    [("outage", (), 120.0), ("outage", ("api", "app"), 240.0), ("degraded", ("api",), 36.0)],
)
def test_component_minutes_weigh_components_and_kind(
    kind: str, components: tuple[str, ...], minutes: float
) -> None:
    outage = replace(OUTAGE, kind=kind, components=components)
    assert outage.component_minutes == pytest.approx(minutes)
    assert replace(outage, ongoing=True).component_minutes is None


@pytest.mark.parametrize(
    ("usual", "unusual"), [((90, 110), False), ((10, 99), True), (None, False)]
)
def test_a_source_outside_its_usual_posts_a_day_is_unusual(
    usual: tuple[int, int] | None, unusual: bool
) -> None:
    assert SOURCE.posts_a_day == 100
    assert replace(SOURCE, usual=usual).unusual is unusual
    assert not replace(SOURCE, usual=(1, 2), covered_hours=0.0).unusual


def test_gaps_are_those_of_sources_of_posts() -> None:
    whole = replace(SOURCE, source="hackernews", covered_hours=24.0)
    board = replace(SOURCE, source="board:weibo", strip=())
    assert make_report([], sources=(SOURCE, whole, board)).gaps == (("weibo", 0.5),)


def test_an_outage_can_be_judged_after_a_week_of_reading() -> None:
    assert make_report([], first=AT).judgeable == AT + timedelta(days=7)
    assert make_report([]).judgeable is None


def test_suggested_outages_are_neither_judged_nor_compared() -> None:
    suggested = replace(OUTAGE, id=2, confirmed=False)
    unmeasured = replace(OUTAGE, id=3, combined=None)
    earlier = replace(OUTAGE, id=4)
    report = make_report([OUTAGE, suggested, unmeasured], earlier=(earlier,))
    assert [o.id for o in report.judged] == [1, 3]
    assert [o.id for o in report.compared] == [4, 1]


def test_every_verdict_is_counted_even_if_none_has_it() -> None:
    counts = count_verdicts([OUTAGE, replace(OUTAGE, verdict=Verdict.NOTICED)])
    assert counts == {Verdict.NOTICED: 1, Verdict.SHRUGGED: 0, Verdict.CANT_TELL: 1}
