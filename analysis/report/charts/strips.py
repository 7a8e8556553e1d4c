"""The chart of what was read of each source, hour by hour: a strip for each."""

from itertools import groupby

import altair as alt

from analysis.messages import Messages
from analysis.report.charts.style import (
    BLUE,
    GREY,
    WIDTH,
    ChartRows,
    Spec,
    chart_of,
    time_axis,
    to_spec,
    wall_clock,
)
from analysis.report.data import Report, SourceCoverage

TENTHS = 10
SHOWN = [0, 0.5, 1]


def strips(report: Report, messages: Messages) -> Spec | None:
    """How much of each hour each source was read: full colour for all of it, none for nothing."""
    rows = [row for s in report.sources for row in _runs(s, report, messages)]
    if not rows:
        return None
    form = "%m-%d %H:%M" if (report.end - report.start).days < 3 else "%m-%d"
    share = alt.Color(
        "share:Q",
        scale=alt.Scale(domain=[0, 1], range=["transparent", BLUE]),
        # Symbols, not a gradient: a gradient's name counts on from chart to chart.
        legend=alt.Legend(title=messages("axis_read"), format="%", type="symbol", values=SHOWN),
    )
    chart = (
        chart_of(rows)
        .mark_rect(stroke=GREY, strokeWidth=0)
        .encode(
            x=time_axis("from:T", form),
            x2="to:T",
            y=alt.Y("source:N", title=None, axis=alt.Axis(labelLimit=200), sort=None),
            color=share,
            tooltip=[
                alt.Tooltip("source:N", title=messages("column_source")),
                alt.Tooltip("share:Q", title=messages("axis_read"), format=".0%"),
            ],
        )
    )
    return to_spec(chart.properties(width=WIDTH - 200, height=alt.Step(18)))


def _runs(source: SourceCoverage, report: Report, messages: Messages) -> ChartRows:
    """One row for each run of equal cells, so that a whole week takes one mark."""
    rows, first = [], report.start
    for share, cells in groupby(source.strip, lambda s: round(s * TENTHS) / TENTHS):
        last = first + len(list(cells)) * report.step
        span = {
            "from": wall_clock(first, messages),
            "to": wall_clock(min(last, report.end), messages),
        }
        rows.append({"source": source.source, **span, "share": share})
        first = last
    return rows
