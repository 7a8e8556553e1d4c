"""Charts of outages: one hour by hour, all compared, a provider's past, the trend."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import altair as alt

from analysis.attention.expected import MIN_COVERED_SHARE
from analysis.messages import Messages
from analysis.report.charts.style import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PINK,
    UTC_SCALE,
    VERDICT_COLOURS,
    WIDTH,
    ChartRows,
    Spec,
    chart_of,
    class_shape,
    clip_ratio,
    day_or_month,
    time_axis,
    to_spec,
    wall_clock,
)
from analysis.report.data import OutageReport, Report

MOST_RANKED = 40
MINUTE = timedelta(minutes=1)


def ranking(report: Report, messages: Messages) -> Spec | None:
    """Ratio and interval of each outage of the span and of the reference class, loudest first.

    The reference class's earlier outages are hollow. If there are too many, the span's go first.
    """
    measured = [o for o in report.judged if o.ratio]
    if not measured:
        return None
    here = {o.id for o in measured}
    others = [o for o in report.compared if o.provider_kind != "ai" and o.id not in here]
    return compared(measured, messages, others, simulated=report.simulated)


def compared(
    outages: Sequence[OutageReport],
    messages: Messages,
    others: Sequence[OutageReport] = (),
    *,
    simulated: bool = False,
) -> Spec:
    """Ratio and interval of outages, loudest first; `others` are hollow."""
    rows = [_ratio_row(o, messages) | {"earlier": False} for o in outages]
    rows += [_ratio_row(o, messages) | {"earlier": True} for o in others]
    rows = sorted(rows[:MOST_RANKED], key=lambda r: -float(r["ratio"]))
    y = alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=320))
    x = alt.X("low:Q", scale=alt.Scale(type="log"), title=messages("axis_ratio"))
    colour = _verdict_colour(messages)
    base = chart_of(rows)
    points = base.mark_point(size=80, opacity=1, strokeWidth=2).encode(
        x="ratio:Q", y=y, fill=alt.condition("datum.earlier", alt.value("transparent"), colour)
    )
    layers = [
        base.mark_rule(strokeWidth=3, opacity=0.6).encode(x=x, x2="high:Q", y=y, color=colour),
        _with_legends(points, messages),
        _ratio_of_one().encode(x="one:Q"),
    ]
    if simulated:
        known = base.transform_filter("isValid(datum.truth)")
        mark = known.mark_point(shape="square", size=130, color=INK, strokeWidth=1.5)
        layers.append(mark.encode(x="truth:Q", y=y))
    return to_spec(alt.layer(*layers).properties(width=WIDTH - 240, height=alt.Step(24)))


def _with_legends(points: alt.Chart, messages: Messages) -> Any:
    """Points coloured by verdict, shaped by class, with a tooltip."""
    columns = {"name": "provider", "verdict": "verdict", "interval": "ratio"}
    return points.encode(
        color=_verdict_colour(messages),
        shape=class_shape(messages),
        tooltip=[
            alt.Tooltip(f"{name}:N", title=messages(f"column_{column}"))
            for name, column in columns.items()
        ],
    )


def _ratio_of_one() -> Any:
    """The line on which an outage draws no attention."""
    return chart_of([{"one": 1}]).mark_rule(strokeDash=[4, 4], color=INK)


def _ratio_row(o: OutageReport, messages: Messages) -> dict[str, Any]:
    ratio = o.ratio
    if ratio is None:
        raise ValueError(f"outage {o.id} has no attention ratio to draw")
    return {
        "name": f"{messages.name(o)} · {messages.time(o.start)}",
        "at": wall_clock(o.start, messages),
        "ratio": clip_ratio(ratio.estimate),
        "low": clip_ratio(ratio.low),
        "high": clip_ratio(ratio.high),
        "interval": messages.interval(ratio),
        "verdict": messages(f"verdict_{o.verdict.name.lower()}"),
        "class": messages(f"class_{o.provider_kind}"),
        "truth": o.truth and clip_ratio(o.truth),
    }


def _verdict_colour(messages: Messages) -> alt.Color:
    verdicts = {messages(f"verdict_{v.name.lower()}"): c for v, c in VERDICT_COLOURS.items()}
    return alt.Color(
        "verdict:N",
        scale=alt.Scale(domain=list(verdicts), range=list(verdicts.values())),
        title=messages("column_verdict"),
    )


def over_time(outages: Sequence[OutageReport], messages: Messages) -> Spec | None:
    """Attention ratios with their intervals over time, by verdict and class: a provider's past, or
    the trend of all outages. None with under two outages."""
    rows = [_ratio_row(o, messages) for o in outages if o.ratio]
    if len(rows) < 2:
        return None
    x = time_axis("at:T", day_or_month(outages[-1].start - outages[0].start))
    y = alt.Y("low:Q", scale=alt.Scale(type="log"), title=messages("axis_ratio"))
    base, colour = chart_of(rows), _verdict_colour(messages)
    points = base.mark_point(filled=True, size=80, opacity=1).encode(x=x, y="ratio:Q")
    layers = [
        base.mark_rule(strokeWidth=2, opacity=0.5).encode(x=x, y=y, y2="high:Q", color=colour),
        _with_legends(points, messages),
        _ratio_of_one().encode(y="one:Q"),
    ]
    return to_spec(alt.layer(*layers).properties(width=WIDTH - 90, height=220))


def timeline(outage: OutageReport, messages: Messages) -> Spec | None:
    """Posts an hour around one outage, with the expected band, when it stood on a board, and when
    the first post said that it failed."""
    if not outage.hours:
        return None
    rows = [
        {
            "at": wall_clock(h.at, messages),
            "posts": h.posts if h.covered >= MIN_COVERED_SHARE else None,
            "expected": h.expected,
            "low": h.low,
            "high": h.high,
        }
        for h in outage.hours
    ]
    span = {"from": wall_clock(outage.start, messages), "to": wall_clock(outage.end, messages)}
    x = time_axis("at:T", "%m-%d %H:%M")
    across = alt.X("from:T", scale=UTC_SCALE)
    base = chart_of(rows)
    tooltip = [
        alt.Tooltip("at:T", title=messages("column_when"), format="%m-%d %H:%M", formatType="utc"),
        alt.Tooltip("posts:Q", title=messages("column_observed")),
        alt.Tooltip("expected:Q", title=messages("column_expected"), format=".1f"),
    ]
    layers: list[Any] = [
        chart_of([span]).mark_rect(color=PINK, opacity=0.3).encode(x=across, x2="to:T"),
        base.mark_area(color=BLUE, opacity=0.2, interpolate="step-after").encode(
            x=x, y=alt.Y("low:Q", title=messages("axis_posts")), y2="high:Q"
        ),
        base.mark_line(color=BLUE, strokeDash=[5, 3], interpolate="step-after").encode(
            x=x, y="expected:Q"
        ),
        base.mark_line(color=INK, interpolate="step-after", strokeWidth=2).encode(
            x=x, y="posts:Q", tooltip=tooltip
        ),
    ]
    if boards := _on_boards(outage, messages):
        mark = chart_of(boards).mark_rule(color=ORANGE, strokeWidth=5)
        layers.append(mark.encode(x=across, x2="to:T", y=alt.value(2)))
    if outage.firsts:
        first = outage.start + min(minutes for _, minutes in outage.firsts) * MINUTE
        mark = chart_of([{"from": wall_clock(first, messages)}]).mark_rule(
            color=GREEN, strokeWidth=2
        )
        layers.append(mark.encode(x=across))
    return to_spec(alt.layer(*layers).properties(width=WIDTH - 60, height=190))


def _on_boards(outage: OutageReport, messages: Messages) -> ChartRows:
    return [
        {
            "from": wall_clock(p.first_seen, messages),
            "to": wall_clock(p.absent_from or p.last_seen, messages),
        }
        for p in outage.boards
        if p.first_seen and p.last_seen
    ]
