"""The report's sentences, in both languages."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from analysis.attention.verdicts import Reason, Verdict
from analysis.attention.volumes import VolumeComparison
from analysis.behaviour.dynamics import Dynamics
from analysis.messages import Messages
from analysis.report.data import Claim, ClaimAnswer, SourceCoverage
from analysis.report.sentences import (
    VALIDATION_COLUMNS,
    Sentences,
    validation_head,
    validation_row,
)
from analysis.statistics.interval import Interval
from analysis.validation import results
from tests.analysis.report.reports import AT, make_outage, make_report, measured_behaviour

OUTAGE = make_outage(1, "deepseek", measured_behaviour(100, switching=30), ratio=2.0)
SAY = Messages("en")


def sentences(*outages: object, **changed: object) -> Sentences:
    return Sentences(make_report(outages or (OUTAGE,), **changed), SAY)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hours", "end"), [(2, "15:50"), (24, "2025-08-12 13:50"), (None, SAY("ongoing"))]
)
def test_a_span_names_the_day_of_its_end_only_if_it_differs(hours: int | None, end: str) -> None:
    changed: dict[str, Any] = (
        {"ongoing": True} if hours is None else {"end": AT + timedelta(hours=hours)}
    )
    span = sentences().span(replace(OUTAGE, **changed))
    assert span == f"2025-08-11 13:50 – {end}"


def test_an_open_verdict_says_which_ratio_the_data_could_show() -> None:
    assert OUTAGE.combined
    open_, noticed = sentences().reason(OUTAGE), replace(OUTAGE, verdict=Verdict.NOTICED)
    assert SAY.number(OUTAGE.combined.minimum_detectable_ratio or 0.0) in open_
    assert sentences().reason(noticed) == SAY(f"reason_{Reason.TOO_FEW.value}")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_headline_counts_the_verdicts(lang: str) -> None:
    say = Messages(lang)
    outages = [replace(OUTAGE, verdict=verdict) for verdict in Verdict]
    (line,) = Sentences(make_report(outages), say).headline()
    assert line == say("headline", total=3, noticed=1, shrugged=1, open=1)
    unmeasured = Sentences(make_report([replace(OUTAGE, combined=None)]), say)
    assert unmeasured.headline() == [say("headline_unmeasured", total=1)]
    assert str(AT.year) in Sentences(make_report([]), say).headline()[0]


def test_a_source_with_a_gap_is_named_before_the_figures() -> None:
    source = SourceCoverage("weibo", 5, AT, AT, 6.0, assumed=True, capped=True, strip=(0.25,))
    notes = sentences(sources=(source,), first=AT - timedelta(days=60)).notes()
    assert len(notes) == 1
    assert "weibo 25%" in notes[0]
    assert sentences().notes() == [SAY("note_nothing")]


def test_remarks_on_a_source_say_what_limits_its_counts() -> None:
    source = SourceCoverage(
        "weibo",
        5,
        AT,
        AT,
        6.0,
        assumed=True,
        capped=True,
        usual=(100, 200),
        missed=(("blocked", 3),),
    )
    remarks = sentences().remarks(source)
    for part in (SAY("remark_assumed"), SAY("remark_capped"), "100", "200", "(3)"):
        assert part in remarks
    plain = replace(source, assumed=False, capped=False, usual=None, missed=())
    assert sentences().remarks(plain) == ""


def test_evidence_shows_shares_as_percentages_and_small_p_values_as_such() -> None:
    values: dict[str, object] = {"share": 0.25, "low": 0.1, "high": 0.5, "n": 12, "reached": 3}
    trend: dict[str, object] = {"n": 12, "tau": -0.25, "p": 0.0001}
    evidence = (("claim1_listed", values), ("claim2_trend", trend))
    claim = Claim(1, ClaimAnswer.SUPPORTED, "game_beats_article", Interval(0.7, 0.6, 0.8), evidence)
    listed, changed = sentences().evidence(claim)
    assert all(part in listed for part in ("25%", "10%", "50%"))
    assert "< 0.001" in changed
    assert "70%" in (sentences().figure(claim) or "")
    assert sentences().figure(replace(claim, figure="")) is None


def test_times_that_are_not_known_are_left_out_of_the_dynamics() -> None:
    behaviour = measured_behaviour(100)
    early = replace(behaviour, dynamics=Dynamics(-4.0, 50.0, 120.0, None, None))
    assert sentences().dynamics(early) == [
        SAY("dynamics_led", minutes=4),
        SAY("dynamics_peak", minutes=50, rate=120.0),
    ]
    assert sentences().dynamics(behaviour) == []


def test_a_volume_with_too_few_earlier_days_is_not_compared() -> None:
    compared = VolumeComparison("wikipedia", "DeepSeek", 1440, 250.0, 100.0, 2.5, 0.025, 39)
    short = replace(compared, usual=None, ratio=None, placebo_p=None, days=3)
    first, second = sentences().volumes(replace(OUTAGE, volumes=(compared, short)))
    assert "2.50" in first
    assert "0.025" in first
    assert "2.50" not in second


def test_first_posts_have_the_sign_of_their_delay() -> None:
    firsts = replace(OUTAGE, firsts=(("weibo", -3.4), ("hackernews", 12.0)))
    line = sentences().first_posts(firsts)
    assert line
    assert "weibo -3, hackernews +12" in line
    assert sentences().first_posts(OUTAGE) is None


def test_an_estimate_stands_above_its_interval() -> None:
    assert sentences().interval(Interval(2.0, 1.0, 4.0)) == (
        '2.00<span class="ci">[1.00, 4.00]</span>'
    )
    assert sentences().interval(None) == "–"


def test_alternatives_are_listed_with_their_posts() -> None:
    assert sentences().alternatives(OUTAGE) == "Kimi 3"
    assert sentences().alternatives(replace(OUTAGE, behaviour=None)) == "–"


def test_a_trend_without_enough_outages_says_what_it_takes() -> None:
    assert sentences().trend() == SAY("trend_open", n=5, days=60)


def test_a_report_of_a_week_is_titled_by_its_number() -> None:
    assert sentences(week="2026-W07").title() == SAY("week_title", year="2026", week="7")
    assert sentences().title() == SAY("question")


def test_the_validations_table_has_a_cell_for_each_column() -> None:
    head = validation_head(SAY)
    rows = [validation_row(SAY, result) for result in results.last().rows]
    assert len(set(head)) == len(VALIDATION_COLUMNS)
    assert {len(row) for row in rows} == {len(head)}
    assert sentences().validation() == [head, *rows]
