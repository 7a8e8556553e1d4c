"""Charts of what stood on a board."""

from datetime import timedelta
from typing import Any

import altair as alt

from analysis.messages import Messages
from analysis.report.charts.style import (
    BLUE,
    CLASS_SHAPES,
    GREY,
    INK,
    UTC_SCALE,
    WIDTH,
    Spec,
    classes,
    drawn,
    finished,
    local,
)
from analysis.report.data import BoardComparison, BoardEvent


def board(comparison: BoardComparison, messages: Messages) -> Spec | None:
    """Peak heat of every event on the board over time, by class; the article's ringed."""
    rows = [
        {
            "at": local(e.at, messages),
            "heat": e.peak_heat,
            "class": messages(f"class_{e.provider_kind}"),
        }
        for e in comparison.events
        if e.peak_heat
    ]
    if not rows:
        return None
    colours, shapes = classes(messages), list(CLASS_SHAPES.values())
    domain = list(colours)
    span = comparison.last - comparison.first
    form = "%Y-%m" if span > timedelta(days=120) else "%m-%d"
    scale = alt.Scale(
        type="utc", domain=[local(t, messages) for t in (comparison.first, comparison.last)]
    )
    x = alt.X("at:T", scale=scale, title=None, axis=alt.Axis(format=form, labelOverlap=True))
    y = alt.Y(
        "heat:Q",
        scale=alt.Scale(type="log"),
        title=messages("axis_heat"),
        axis=alt.Axis(format="~s"),
    )
    layers: list[Any] = [
        drawn(rows)
        .mark_point(filled=True, size=70, opacity=0.8)
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "class:N",
                scale=alt.Scale(domain=domain, range=list(colours.values())),
                title=messages("legend_class"),
            ),
            shape=alt.Shape(
                "class:N",
                scale=alt.Scale(domain=domain, range=shapes),
                title=messages("legend_class"),
            ),
        )
    ]
    if comparison.article:
        layers += _ring(comparison.article, messages, x, y)
    return finished(alt.layer(*layers).properties(width=WIDTH - 150, height=300))


def _ring(event: BoardEvent, messages: Messages, x: Any, y: Any) -> list[Any]:
    row = {
        "at": local(event.at, messages),
        "heat": event.peak_heat,
        "label": messages("legend_article"),
    }
    base = drawn([row])
    return [
        base.mark_point(shape="circle", size=320, color=INK, strokeWidth=2).encode(x=x, y=y),
        base.mark_text(dy=-18, fontSize=12, fontWeight="bold", color=INK).encode(
            x=x, y=y, text="label:N"
        ),
    ]


def track(event: BoardEvent, messages: Messages) -> Spec | None:
    """Heat of one event at each look, with the heat that it took to stand on the board."""
    rows = [
        {
            "at": local(look.at, messages),
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
    base = drawn(rows)
    return finished(
        alt.layer(
            base.mark_line(color=GREY, strokeDash=[4, 4]).encode(x=x, y=y),
            base.mark_point(color=GREY, size=60).encode(x=x, y="hollow:Q"),
            base.mark_line(color=BLUE).encode(x=x, y="heat:Q"),
            base.mark_point(color=BLUE, filled=True, size=80).encode(x=x, y="heat:Q"),
        ).properties(width=WIDTH - 60, height=180)
    )
