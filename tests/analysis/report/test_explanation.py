"""The explanation of an outage's figures, step by step."""

from dataclasses import replace
from datetime import timedelta

from analysis.messages import Messages
from analysis.report.explanation import EarlierDay, explain
from tests.analysis.report.reports import AT, make_outage, make_report, measured_behaviour

SAY = Messages("en")
OUTAGE = make_outage(1, "deepseek", measured_behaviour(100, switching=30), ratio=2.0)


def test_every_step_names_its_figures() -> None:
    days = {"s": [EarlierDay(AT - timedelta(days=n), 70 + n, 4.0) for n in range(1, 30)]}
    steps = explain(make_report([OUTAGE]), OUTAGE, days, SAY)
    titles = ("outage", "window", "asked", "source", "together", "verdict", "beside")
    assert len(steps) == len(titles)
    source = "\n".join(steps[3].lines)
    measured = OUTAGE.channels[0]
    assert measured.ratio
    assert SAY.interval(measured.ratio) in source
    assert "2025-08-10: 71" in source
    assert "2025-07-28: 84" in source
    assert "2025-07-27" not in source
    assert SAY.interval(measured.ratio) in steps[4].lines[0]


def test_steps_without_figures_are_left_out() -> None:
    bare = replace(OUTAGE, channels=(), combined=None, behaviour=None)
    steps = explain(make_report([bare]), bare, {}, SAY)
    assert [step.title for step in steps] == [
        SAY("explain_outage"),
        SAY("explain_window"),
        SAY("column_verdict"),
    ]
