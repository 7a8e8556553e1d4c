"""Charts of what stood on a board."""

from typing import Any

import altair as alt

from analysis.messages import Messages
from analysis.report.charts.style import (
    BLUE,
    GREY,
    INK,
    UTC_SCALE,
    WIDTH,
    Spec,
    chart_of,
    class_colour,
    class_shape,
    day_or_month,
    time_axis,
    to_spec,
    wall_clock,
)
from analysis.report.data import BoardComparison, BoardEvent


def board(comparison: BoardComparison, messages: Messages) -> Spec | None:
    """Peak heat of every event on the board over time, by class; a ring marks the article's."""
    rows = [
        {
            "at": wall_clock(e.at, messages),
            "heat": e.peak_heat,
            "class": messages(f"class_{e.provider_kind}"),
        }
        for e in comparison.events
        if e.peak_heat
    ]
    if not rows:
        return None
    scale = alt.Scale(
        type="utc", domain=[wall_clock(t, messages) for t in (comparison.first, comparison.last)]
    )
    x = time_axis("at:T", day_or_month(comparison.last - comparison.first), scale)
    y = alt.Y(
        "heat:Q",
        scale=alt.Scale(type="log"),
        title=messages("axis_heat"),
        axis=alt.Axis(format="~s"),
    )
    points = chart_of(rows).mark_point(filled=True, size=70, opacity=0.8)
    layers: list[Any] = [
        points.encode(x=x, y=y, color=class_colour(messages), shape=class_shape(messages))
    ]
    if comparison.article:
        layers += _ring(comparison.article, messages, x, y)
    return to_spec(alt.layer(*layers).properties(width=WIDTH - 150, height=300))


def _ring(event: BoardEvent, messages: Messages, x: Any, y: Any) -> list[Any]:
    row = {
        "at": wall_clock(event.at, messages),
        "heat": event.peak_heat,
        "label": messages("legend_article"),
    }
    base = chart_of([row])
    return [
        base.mark_point(shape="circle", size=320, color=INK, strokeWidth=2).encode(x=x, y=y),
        base.mark_text(dy=-18, fontSize=12, fontWeight="bold", color=INK).encode(
            x=x, y=y, text="label:N"
        ),
    ]


def track(event: BoardEvent, messages: Messages) -> Spec | None:
    """Heat of one event in each snapshot, and the heat of the board's last entry."""
    rows = [
        {
            "at": wall_clock(look.at, messages),
            "heat": look.heat,
            "floor": look.floor,
            "hollow": look.floor if look.heat is None else None,
        }
        for look in event.track
    ]
    if not rows:
        return None
    x = alt.X("at:T", scale=UTC_SCALE, title=None, axis=alt.Axis(format="%m-%d %H:%M"))
    y = alt.Y("floor:Q", title=messages("axis_heat_now"), axis=alt.Axis(format="~s"))
    base = chart_of(rows)
    return to_spec(
        alt.layer(
            base.mark_line(color=GREY, strokeDash=[4, 4]).encode(x=x, y=y),
            base.mark_point(color=GREY, size=60).encode(x=x, y="hollow:Q"),
            base.mark_line(color=BLUE).encode(x=x, y="heat:Q"),
            base.mark_point(color=BLUE, filled=True, size=80).encode(x=x, y="heat:Q"),
        ).properties(width=WIDTH - 60, height=180)
    )
