"""Render a report to HTML and Markdown."""

import html as escaping
import re
from pathlib import Path
from typing import Any

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    PackageLoader,
    StrictUndefined,
    select_autoescape,
)
from markupsafe import Markup

from analysis.messages import Messages
from analysis.report.charts import boards, outages, strips
from analysis.report.charts.style import Spec, svg
from analysis.report.data import BoardComparison, BoardEvent, OutageReport, Report
from analysis.report.sentences import Sentences

MOST_CHARTS, MOST_ROWS = 60, 250
# The size limit of all charts in a file that should stay under two megabytes.
PICTURE_BYTES = 1_000_000
STYLE = Path(__file__).parent / "templates" / "style.css"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~])")


def render_html(report: Report, messages: Messages) -> str:
    """Render a report as one HTML page without scripts or network access."""
    style = Markup(STYLE.read_text(encoding="utf-8"))  # noqa: S704 - our own file
    return _render("report.html.j2", report, messages, chart=Charts(report, messages), style=style)


def render_markdown(report: Report, messages: Messages) -> str:
    """Render a report as Markdown."""
    return _render("report.md.j2", report, messages)


def environment(*loaders: BaseLoader) -> Environment:
    """The Jinja environment of the report's templates; `loaders` take precedence."""
    made = Environment(
        loader=ChoiceLoader([*loaders, PackageLoader("analysis.report")]),
        autoescape=select_autoescape(["html.j2", "xml.j2", "svg.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["md"] = for_markdown
    return made


def _render(template: str, report: Report, messages: Messages, **more: Any) -> str:
    measured = [o for o in report.judged if o.channels or any(p.snapshots for p in o.boards)]
    detailed = measured[:MOST_CHARTS]
    here = {o.id for o in detailed}
    values = {
        "report": report,
        "m": messages,
        "s": Sentences(report, messages),
        "judged": sorted(report.judged, key=attention_order),
        "detailed": detailed,
        "address": lambda o: f"#outage-{o.id}" if o.id in here else None,
        "most_rows": MOST_ROWS,
        "open_quotes": False,
    }
    return environment().get_template(template).render(values | more)


def attention_order(outage: OutageReport) -> tuple[bool, float, float]:
    """A sort key: measured outages first, loudest first; the others by time, newest first."""
    ratio = outage.ratio
    return ratio is None, -ratio.estimate if ratio else 0.0, -outage.start.timestamp()


class Charts:
    """A report's charts as SVG, each with its description for screen readers.

    Beyond PICTURE_BYTES of charts, a note says that the chart is left out.
    """

    def __init__(self, report: Report, messages: Messages) -> None:
        self._report = report
        self._messages = messages
        self._remaining_bytes = PICTURE_BYTES

    def ranking(self) -> Markup | None:
        return self._picture(outages.ranking(self._report, self._messages), "chart_ranking")

    def trend(self) -> Markup | None:
        spec = outages.over_time(self._report.compared, self._messages)
        return self._picture(spec, "chart_trend")

    def strips(self) -> Markup | None:
        return self._picture(strips.strips(self._report, self._messages), "chart_strips")

    def timeline(self, outage: OutageReport) -> Markup | None:
        return self._picture(outages.timeline(outage, self._messages), "chart_timeline")

    def past(self, outage: OutageReport) -> Markup | None:
        return self._picture(past_chart(self._report, outage, self._messages), "chart_past")

    def board(self, comparison: BoardComparison) -> Markup | None:
        return self._picture(boards.board(comparison, self._messages), "chart_board")

    def track(self, event: BoardEvent) -> Markup | None:
        return self._picture(boards.track(event, self._messages), "chart_track")

    def _picture(self, spec: Spec | None, id_: str) -> Markup | None:
        if spec is None:
            return None
        if self._remaining_bytes <= 0:
            return Markup("<p>{}</p>").format(self._messages("chart_left_out"))
        drawn = chart_markup(spec, self._messages(id_))
        self._remaining_bytes -= len(drawn.encode())
        return drawn


def past_chart(report: Report, outage: OutageReport, messages: Messages) -> Spec | None:
    """The chart of a provider's outages up to this one, if there are earlier ones."""
    until = [
        o for o in report.compared if o.provider == outage.provider and o.start <= outage.start
    ]
    return outages.over_time(until, messages) if outage.own_past else None


def chart_markup(spec: Spec, description: str) -> Markup:
    """A chart as SVG markup with a description for screen readers."""
    label = escaping.escape(description, quote=True)
    drawn = svg(spec).replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)
    return Markup(drawn)  # noqa: S704 - drawn by us from numbers and the catalogue's names


def for_markdown(value: object) -> str:
    """Escape text for Markdown, so that nothing in a post becomes markup or a link."""
    text = " ".join(str(value).split())
    return escaping.escape(_MARKDOWN.sub(r"\\\1", text), quote=False)
