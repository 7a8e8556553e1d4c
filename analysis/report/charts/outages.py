"""Charts of outages: each one hour by hour, all compared, a provider's own past, the trend."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import altair as alt

from analysis.attention.expected import MISSING
from analysis.messages import Messages
from analysis.report.charts.style import (
    BLUE,
    CLASS_SHAPES,
    GREEN,
    INK,
    ORANGE,
    PINK,
    UTC_SCALE,
    VERDICT_COLOURS,
    WIDTH,
    Rows,
    Spec,
    classes,
    clip,
    drawn,
    finished,
    local,
)
from analysis.report.data import OutageReport, Report

MOST_RANKED = 40
MINUTE = timedelta(minutes=1)


def ranking(report: Report, messages: Messages) -> Spec | None:
    """Dot and interval of each outage of the span and of the reference class, loudest first.

    The reference class's earlier ones are hollow. Where there are too many, the span's own go
    first.
    """
    own = [o for o in report.judged if o.ratio]
    if not own:
        return None
    here = {o.id for o in own}
    others = [o for o in report.compared if o.provider_kind != "ai" and o.id not in here]
    return compared(own, messages, others, simulated=report.simulated)


def compared(
    own: Sequence[OutageReport],
    messages: Messages,
    others: Sequence[OutageReport] = (),
    *,
    simulated: bool = False,
) -> Spec:
    """Dot and interval of outages, loudest first; `others` are hollow."""
    rows = [_ratio_row(o, messages) | {"earlier": False} for o in own]
    rows += [_ratio_row(o, messages) | {"earlier": True} for o in others]
    rows = sorted(rows[:MOST_RANKED], key=lambda r: -float(r["ratio"]))
    y = alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=320))
    axis = alt.X("low:Q", scale=alt.Scale(type="log"), title=messages("axis_ratio"))
    colour = _verdict_colour(messages)
    base = drawn(rows)
    points = base.mark_point(size=80, opacity=1, strokeWidth=2).encode(
        x="ratio:Q",
        y=y,
        color=colour,
        shape=_class_shape(messages),
        fill=alt.condition("datum.earlier", alt.value("transparent"), colour),
        tooltip=[alt.Tooltip(f"{n}:N", title=messages(f"column_{t}")) for n, t in _TOLD],
    )
    layers = [
        base.mark_rule(strokeWidth=3, opacity=0.6).encode(x=axis, x2="high:Q", y=y, color=colour),
        points,
        drawn([{"one": 1}]).mark_rule(strokeDash=[4, 4], color=INK).encode(x="one:Q"),
    ]
    if simulated:
        known = base.transform_filter("isValid(datum.truth)")
        mark = known.mark_point(shape="square", size=130, color=INK, strokeWidth=1.5)
        layers.append(mark.encode(x="truth:Q", y=y))
    return finished(alt.layer(*layers).properties(width=WIDTH - 240, height=alt.Step(24)))


_TOLD = (("name", "provider"), ("verdict", "verdict"), ("told", "ratio"))


def _ratio_row(o: OutageReport, messages: Messages) -> dict[str, Any]:
    ratio = o.ratio
    if ratio is None:
        raise ValueError(f"outage {o.id} has no attention ratio to be drawn")
    return {
        "name": f"{messages.name(o)} · {messages.time(o.start)}",
        "at": local(o.start, messages),
        "ratio": clip(ratio.estimate),
        "low": clip(ratio.low),
        "high": clip(ratio.high),
        "told": messages.interval(ratio),
        "verdict": messages(f"verdict_{o.verdict.name.lower()}"),
        "class": messages(f"class_{o.provider_kind}"),
        "truth": o.truth and clip(o.truth),
    }


def _verdict_colour(messages: Messages) -> alt.Color:
    verdicts = {messages(f"verdict_{v.name.lower()}"): c for v, c in VERDICT_COLOURS.items()}
    return alt.Color(
        "verdict:N",
        scale=alt.Scale(domain=list(verdicts), range=list(verdicts.values())),
        title=messages("column_verdict"),
    )


def _class_shape(messages: Messages) -> alt.Shape:
    return alt.Shape(
        "class:N",
        scale=alt.Scale(domain=list(classes(messages)), range=list(CLASS_SHAPES.values())),
        title=messages("legend_class"),
    )


def over_time(outages: Sequence[OutageReport], messages: Messages) -> Spec | None:
    """Attention ratios with their intervals over time, by verdict and class: a provider's past, or
    the trend of all. None with under two."""
    rows = [_ratio_row(o, messages) for o in outages if o.ratio]
    if len(rows) < 2:
        return None
    days = (outages[-1].start - outages[0].start) / timedelta(days=1)
    form = "%Y-%m" if days > 120 else "%m-%d"
    x = alt.X("at:T", scale=UTC_SCALE, title=None, axis=alt.Axis(format=form, labelOverlap=True))
    y = alt.Y("low:Q", scale=alt.Scale(type="log"), title=messages("axis_ratio"))
    base, colour = drawn(rows), _verdict_colour(messages)
    points = base.mark_point(filled=True, size=80, opacity=1).encode(
        x=x,
        y="ratio:Q",
        color=colour,
        shape=_class_shape(messages),
        tooltip=[alt.Tooltip(f"{n}:N", title=messages(f"column_{t}")) for n, t in _TOLD],
    )
    layers = [
        base.mark_rule(strokeWidth=2, opacity=0.5).encode(x=x, y=y, y2="high:Q", color=colour),
        points,
        drawn([{"one": 1}]).mark_rule(strokeDash=[4, 4], color=INK).encode(y="one:Q"),
    ]
    return finished(alt.layer(*layers).properties(width=WIDTH - 90, height=220))


def timeline(outage: OutageReport, messages: Messages) -> Spec | None:
    """Posts an hour around one outage, with the expected band, when it stood on a board, and when
    the first post said that it failed."""
    if not outage.hours:
        return None
    rows = [
        {
            "at": local(h.at, messages),
            "posts": h.posts if h.covered >= MISSING else None,
            "expected": h.expected,
            "low": h.low,
            "high": h.high,
        }
        for h in outage.hours
    ]
    span = {"from": local(outage.start, messages), "to": local(outage.end, messages)}
    x = alt.X(
        "at:T", scale=UTC_SCALE, title=None, axis=alt.Axis(format="%m-%d %H:%M", labelOverlap=True)
    )
    across = alt.X("from:T", scale=UTC_SCALE)
    base = drawn(rows)
    told = [
        alt.Tooltip("at:T", title=messages("column_when"), format="%m-%d %H:%M", formatType="utc"),
        alt.Tooltip("posts:Q", title=messages("column_observed")),
        alt.Tooltip("expected:Q", title=messages("column_expected"), format=".1f"),
    ]
    layers: list[Any] = [
        drawn([span]).mark_rect(color=PINK, opacity=0.3).encode(x=across, x2="to:T"),
        base.mark_area(color=BLUE, opacity=0.2, interpolate="step-after").encode(
            x=x, y=alt.Y("low:Q", title=messages("axis_posts")), y2="high:Q"
        ),
        base.mark_line(color=BLUE, strokeDash=[5, 3], interpolate="step-after").encode(
            x=x, y="expected:Q"
        ),
        base.mark_line(color=INK, interpolate="step-after", strokeWidth=2).encode(
            x=x, y="posts:Q", tooltip=told
        ),
    ]
    if boards := _on_boards(outage, messages):
        mark = drawn(boards).mark_rule(color=ORANGE, strokeWidth=5)
        layers.append(mark.encode(x=across, x2="to:T", y=alt.value(2)))
    if outage.firsts:
        first = outage.start + min(minutes for _, minutes in outage.firsts) * MINUTE
        mark = drawn([{"from": local(first, messages)}]).mark_rule(color=GREEN, strokeWidth=2)
        layers.append(mark.encode(x=across))
    return finished(alt.layer(*layers).properties(width=WIDTH - 60, height=190))


def _on_boards(outage: OutageReport, messages: Messages) -> Rows:
    return [
        {"from": local(p.first_seen, messages), "to": local(p.absent_from or p.last_seen, messages)}
        for p in outage.boards
        if p.first_seen and p.last_seen
    ]
