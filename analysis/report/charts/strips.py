"""The chart of what was read, hour by hour: a strip for each source."""

from itertools import groupby

import altair as alt

from analysis.messages import Messages
from analysis.report.charts.style import (
    BLUE,
    GREY,
    UTC_SCALE,
    WIDTH,
    Rows,
    Spec,
    drawn,
    finished,
    local,
)
from analysis.report.data import Report, SourceCover

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
        drawn(rows)
        .mark_rect(stroke=GREY, strokeWidth=0)
        .encode(
            x=alt.X(
                "from:T", scale=UTC_SCALE, title=None, axis=alt.Axis(format=form, labelOverlap=True)
            ),
            x2="to:T",
            y=alt.Y("source:N", title=None, axis=alt.Axis(labelLimit=200), sort=None),
            color=share,
            tooltip=[
                alt.Tooltip("source:N", title=messages("column_source")),
                alt.Tooltip("share:Q", title=messages("axis_read"), format=".0%"),
            ],
        )
    )
    return finished(chart.properties(width=WIDTH - 200, height=alt.Step(18)))


def _runs(source: SourceCover, report: Report, messages: Messages) -> Rows:
    """Neighbouring cells that are alike as one: a whole week takes one mark."""
    rows, at = [], 0
    for share, cells in groupby(source.strip, lambda s: round(s * TENTHS) / TENTHS):
        number = len(list(cells))
        first = report.start + at * report.step
        at += number
        last = min(report.start + at * report.step, report.end)
        rows.append(
            {
                "source": source.source,
                "from": local(first, messages),
                "to": local(last, messages),
                "share": share,
            }
        )
    return rows
