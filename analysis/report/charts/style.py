"""What all charts share: colours, the reader's clock, the look, and how one becomes a picture."""

from datetime import datetime
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
Rows = list[dict[str, Any]]


def drawn(rows: Rows) -> alt.Chart:
    """A chart of these rows."""
    return alt.Chart(alt.Data(values=rows))  # type: ignore[no-untyped-call]


def clip(value: float) -> float:
    """Keeps a ratio on its logarithmic axis."""
    return min(max(value, LEAST_RATIO), MOST_RATIO)


def local(instant: datetime, messages: Messages) -> str:
    """The reader's wall clock, told to the chart as if it were UTC."""
    return instant.astimezone(messages.zone).strftime("%Y-%m-%dT%H:%M:%SZ")


def classes(messages: Messages) -> dict[str, str]:
    """Each class of provider by what it is called, with its colour."""
    return {messages(f"class_{kind}"): colour for kind, colour in CLASS_COLOURS.items()}


def finished(chart: Any) -> Spec:
    """A chart's Vega-Lite, in the look that all have."""
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
    """A chart as a picture that needs no script; its text takes the page's colour."""
    picture: str = vl_convert.vegalite_to_svg(spec)
    return picture.replace(INK, "currentColor")
