"""What all charts share: colours, axes, the reader's time zone, and rendering to SVG."""

from datetime import datetime, timedelta
from typing import Any

import altair as alt
import vl_convert

from analysis.attention.verdicts import Verdict
from analysis.messages import Messages

# Okabe & Ito's colours, told apart by colour-blind readers, on light and dark alike.
BLUE, ORANGE, GREEN, GREY, PINK = "#3b8fc4", "#e08b00", "#009e73", "#8a8a8a", "#cc79a7"
CLASS_COLOURS = {"ai": BLUE, "game": ORANGE, "cloud": GREEN, "app": GREY}
CLASS_SHAPES = {"ai": "circle", "game": "triangle-up", "cloud": "diamond", "app": "cross"}
VERDICT_COLOURS = {
    Verdict.NOTICED: ORANGE,
    Verdict.SHRUGGED: BLUE,
    Verdict.CANT_TELL: GREY,
}
WIDTH = 860
FONT = "system-ui, 'Noto Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
# Stands for the text colour, which the page sets for light and dark.
INK = "#010203"
# Times come as wall-clock times: a UTC scale shows them unshifted.
UTC_SCALE = alt.Scale(type="utc")
LEAST_RATIO, MOST_RATIO = 0.02, 100.0

# Legends under each other: side by side they'd overlap where text is wider than it was measured.
STACKED = {"bottom": {"anchor": "start", "direction": "vertical", "margin": 6}}

Spec = dict[str, Any]
ChartRows = list[dict[str, Any]]


def chart_of(rows: ChartRows) -> alt.Chart:
    """A chart of these rows."""
    return alt.Chart(alt.Data(values=rows))  # type: ignore[no-untyped-call]


def clip_ratio(value: float) -> float:
    """Limit a ratio to the range of the logarithmic axis."""
    return min(max(value, LEAST_RATIO), MOST_RATIO)


def wall_clock(instant: datetime, messages: Messages) -> str:
    """The reader's wall-clock time, marked as UTC so that no browser shifts it."""
    return instant.astimezone(messages.zone).strftime("%Y-%m-%dT%H:%M:%SZ")


def time_axis(field: str, form: str, scale: alt.Scale = UTC_SCALE) -> alt.X:
    """A horizontal axis of wall-clock times."""
    axis = alt.Axis(format=form, labelOverlap=True)
    return alt.X(field, scale=scale, title=None, axis=axis)


def day_or_month(span: timedelta) -> str:
    """The time format for an axis of this span: months if it is longer than four of them."""
    return "%Y-%m" if span > timedelta(days=120) else "%m-%d"


def class_colour(messages: Messages) -> alt.Color:
    """The colour of a point by its provider's class."""
    return alt.Color("class:N", **_by_class(messages, CLASS_COLOURS))


def class_shape(messages: Messages) -> alt.Shape:
    """The shape of a point by its provider's class."""
    return alt.Shape("class:N", **_by_class(messages, CLASS_SHAPES))


def _by_class(messages: Messages, looks: dict[str, str]) -> dict[str, Any]:
    names = [messages(f"class_{kind}") for kind in looks]
    scale = alt.Scale(domain=names, range=list(looks.values()))
    return {"scale": scale, "title": messages("legend_class")}


def to_spec(chart: Any) -> Spec:
    """A chart's Vega-Lite specification, in the style that all charts share."""
    text = {"labelColor": INK, "titleColor": INK, "labelFont": FONT, "titleFont": FONT}
    axis = {**text, "gridColor": GREY, "gridOpacity": 0.25, "domainColor": GREY, "tickColor": GREY}
    configured = (
        # Room at the left: labels are measured without the reader's own fonts.
        chart.configure(background="transparent", font=FONT, padding={"left": 24, "right": 8})
        .configure_axis(**axis)
        .configure_legend(**text, orient="bottom")
        .configure_view(stroke=None)
    )
    spec: Spec = configured.to_dict()
    spec["config"]["legend"]["layout"] = STACKED
    return spec


def svg(spec: Spec) -> str:
    """A chart as SVG, which needs no script; its text takes the page's colour."""
    picture: str = vl_convert.vegalite_to_svg(spec)
    return picture.replace(INK, "currentColor")
