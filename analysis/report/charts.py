"""The report's charts: Altair, rendered to SVG, so that the page needs no script and no network."""

from datetime import datetime, timedelta
from typing import Any

import altair as alt
import vl_convert

from analysis.attention.expected import MISSING
from analysis.messages import Messages
from analysis.report.data import BoardComparison, BoardEvent, OutageReport, Report
from analysis.verdicts import Verdict

# Okabe & Ito's colours, told apart by colour-blind readers, on light and dark alike.
BLUE, ORANGE, GREEN, GREY, PINK = "#3b8fc4", "#e08b00", "#009e73", "#8a8a8a", "#cc79a7"
CLASS_COLOURS = {"ai": BLUE, "game": ORANGE, "cloud": GREEN, "app": GREY}
VERDICT_COLOURS = {
    Verdict.NOTICED: ORANGE,
    Verdict.SHRUGGED: BLUE,
    Verdict.CANT_TELL: GREY,
}
WIDTH = 860
FONT = "system-ui, 'Noto Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
MOST_RANKED = 40
# Stands for the text colour, which the page sets for light and dark.
INK = "#010203"
# Times come as wall-clock times: a UTC scale shows them unshifted.
UTC_SCALE = alt.Scale(type="utc")
LEAST_RATIO, MOST_RATIO = 0.02, 100.0


def ranking(report: Report, messages: Messages) -> str | None:
    """Dot and interval of each outage that could be compared, loudest first."""
    rows = [
        {
            "name": f"{messages.name(o)} · {messages.time(o.start)}",
            "ratio": _clip(o.combined.ratio.estimate),
            "low": _clip(o.combined.ratio.low),
            "high": _clip(o.combined.ratio.high),
            "verdict": messages(f"verdict_{o.verdict.name.lower()}"),
            "truth": o.truth and _clip(o.truth),
        }
        for o in report.judged
        if o.combined and o.combined.ratio
    ]
    if not rows:
        return None
    rows = sorted(rows, key=lambda r: -float(r["ratio"]))[:MOST_RANKED]  # type: ignore[arg-type]
    y = alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=320))
    axis = alt.X("low:Q", scale=alt.Scale(type="log"), title=messages("axis_ratio"))
    verdicts = {messages(f"verdict_{v.name.lower()}"): c for v, c in VERDICT_COLOURS.items()}
    colour = alt.Color(
        "verdict:N",
        scale=alt.Scale(domain=list(verdicts), range=list(verdicts.values())),
        title=messages("column_verdict"),
    )
    base = _chart(rows)
    layers = [
        base.mark_rule(strokeWidth=3, opacity=0.6).encode(x=axis, x2="high:Q", y=y, color=colour),
        base.mark_point(filled=True, size=90, opacity=1).encode(x="ratio:Q", y=y, color=colour),
        _chart([{"one": 1}]).mark_rule(strokeDash=[4, 4], color=INK).encode(x="one:Q"),
    ]
    if report.simulated:
        known = base.transform_filter("isValid(datum.truth)")
        mark = known.mark_point(shape="diamond", size=90, color=INK, strokeWidth=1.5)
        layers.append(mark.encode(x="truth:Q", y=y))
    return _svg(alt.layer(*layers).properties(width=WIDTH - 240, height=alt.Step(24)))


def timeline(outage: OutageReport, messages: Messages) -> str | None:
    """Posts an hour around one outage, with the expected band."""
    if not outage.hours:
        return None
    rows = [
        {
            "at": _local(h.at, messages),
            "posts": h.posts if h.covered >= MISSING else None,
            "expected": h.expected,
            "low": h.low,
            "high": h.high,
        }
        for h in outage.hours
    ]
    span = {"from": _local(outage.start, messages), "to": _local(outage.end, messages)}
    x = alt.X(
        "at:T", scale=UTC_SCALE, title=None, axis=alt.Axis(format="%m-%d %H:%M", labelOverlap=True)
    )
    base = _chart(rows)
    return _svg(
        alt.layer(
            _chart([span])
            .mark_rect(color=PINK, opacity=0.3)
            .encode(x=alt.X("from:T", scale=UTC_SCALE), x2="to:T"),
            base.mark_area(color=BLUE, opacity=0.2, interpolate="step-after").encode(
                x=x, y=alt.Y("low:Q", title=messages("axis_posts")), y2="high:Q"
            ),
            base.mark_line(color=BLUE, strokeDash=[5, 3], interpolate="step-after").encode(
                x=x, y="expected:Q"
            ),
            base.mark_line(color=INK, interpolate="step-after", strokeWidth=2).encode(
                x=x, y="posts:Q"
            ),
        ).properties(width=WIDTH - 60, height=190)
    )


def board(comparison: BoardComparison, messages: Messages) -> str | None:
    """Peak heat of every event on the board over time, by class; the article's ringed."""
    rows = [
        {
            "at": _local(e.at, messages),
            "heat": e.presence.peak_heat,
            "class": messages(f"class_{e.provider_kind}"),
        }
        for e in comparison.events
        if e.presence.peak_heat
    ]
    if not rows:
        return None
    classes = {messages(f"class_{k}"): c for k, c in CLASS_COLOURS.items()}
    shapes = ["circle", "triangle-up", "diamond", "cross"]
    domain = list(classes)
    span = comparison.last - comparison.first
    form = "%Y-%m" if span > timedelta(days=120) else "%m-%d"
    scale = alt.Scale(
        type="utc", domain=[_local(t, messages) for t in (comparison.first, comparison.last)]
    )
    x = alt.X("at:T", scale=scale, title=None, axis=alt.Axis(format=form, labelOverlap=True))
    y = alt.Y(
        "heat:Q",
        scale=alt.Scale(type="log"),
        title=messages("axis_heat"),
        axis=alt.Axis(format="~s"),
    )
    layers: list[Any] = [
        _chart(rows)
        .mark_point(filled=True, size=70, opacity=0.8)
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "class:N",
                scale=alt.Scale(domain=domain, range=list(classes.values())),
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
    return _svg(alt.layer(*layers).properties(width=WIDTH - 150, height=300))


def _ring(event: BoardEvent, messages: Messages, x: Any, y: Any) -> list[Any]:
    row = {
        "at": _local(event.at, messages),
        "heat": event.presence.peak_heat,
        "label": messages("legend_article"),
    }
    base = _chart([row])
    return [
        base.mark_point(shape="circle", size=320, color=INK, strokeWidth=2).encode(x=x, y=y),
        base.mark_text(dy=-18, fontSize=12, fontWeight="bold", color=INK).encode(
            x=x, y=y, text="label:N"
        ),
    ]


def track(event: BoardEvent, messages: Messages) -> str | None:
    """Heat of one event at each look, with the heat that it took to stand on the board."""
    rows = [
        {
            "at": _local(look.at, messages),
            "heat": look.heat,
            "floor": look.floor,
            "hollow": look.floor if look.heat is None else None,
        }
        for look in event.presence.track
    ]
    if not rows:
        return None
    x = alt.X("at:T", scale=UTC_SCALE, title=None, axis=alt.Axis(format="%m-%d %H:%M"))
    y = alt.Y("floor:Q", title=messages("axis_heat_now"), axis=alt.Axis(format="~s"))
    base = _chart(rows)
    return _svg(
        alt.layer(
            base.mark_line(color=GREY, strokeDash=[4, 4]).encode(x=x, y=y),
            base.mark_point(color=GREY, size=60).encode(x=x, y="hollow:Q"),
            base.mark_line(color=BLUE).encode(x=x, y="heat:Q"),
            base.mark_point(color=BLUE, filled=True, size=80).encode(x=x, y="heat:Q"),
        ).properties(width=WIDTH - 60, height=180)
    )


def _chart(rows: list[dict[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.Data(values=rows))  # type: ignore[no-untyped-call]


def _clip(value: float) -> float:
    """Keeps a value on the logarithmic axis."""
    return min(max(value, LEAST_RATIO), MOST_RATIO)


def _local(instant: datetime, messages: Messages) -> str:
    """The reader's wall clock, told to the chart as if it were UTC."""
    return instant.astimezone(messages.zone).strftime("%Y-%m-%dT%H:%M:%SZ")


def _svg(chart: Any) -> str:
    text = {"labelColor": INK, "titleColor": INK, "labelFont": FONT, "titleFont": FONT}
    axis = {**text, "gridColor": GREY, "gridOpacity": 0.25, "domainColor": GREY, "tickColor": GREY}
    configured = (
        # Room at the left: labels are measured without the reader's own fonts.
        chart.configure(background="transparent", font=FONT, padding={"left": 24, "right": 8})
        .configure_axis(**axis)
        .configure_legend(**text, orient="bottom")
        .configure_view(stroke=None)
    )
    svg: str = vl_convert.vegalite_to_svg(configured.to_dict())
    return svg.replace(INK, "currentColor")
