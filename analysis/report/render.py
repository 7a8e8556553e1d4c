"""Rendering the report's data object to HTML and Markdown."""

import html as escaping
import re
from functools import partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from analysis.messages import Messages
from analysis.report import charts
from analysis.report.data import OutageReport, Report
from analysis.report.sentences import Sentences

MOST_CHARTS = 60
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~])")


def html(report: Report, messages: Messages) -> str:
    """One self-contained page: no script, no network."""
    return _render("report.html.j2", report, messages, drawn=True)


def markdown(report: Report, messages: Messages) -> str:
    """The same, for chat and git."""
    return _render("report.md.j2", report, messages, drawn=False)


def _render(template: str, report: Report, messages: Messages, *, drawn: bool) -> str:
    environment = Environment(
        loader=PackageLoader("analysis.report"),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["md"] = _for_markdown
    detailed = [o for o in report.judged if o.channels or any(p.snapshots for p in o.boards)]
    values: dict[str, Any] = {
        "report": report,
        "m": messages,
        "s": Sentences(report, messages),
        "judged": sorted(report.judged, key=_order),
        "detailed": detailed[:MOST_CHARTS],
    }
    if drawn:
        values |= {
            "chart": _Charts(messages),
            "ranking": _markup(charts.ranking(report, messages), messages("chart_ranking")),
        }
    return environment.get_template(template).render(values)


def _order(outage: OutageReport) -> tuple[bool, float, float]:
    """Those that could be compared first, loudest first; the others by time, newest first."""
    ratio = outage.combined.ratio if outage.combined else None
    return ratio is None, -ratio.estimate if ratio else 0.0, -outage.start.timestamp()


class _Charts:
    """Charts as markup, each with its description for screen readers."""

    def __init__(self, messages: Messages) -> None:
        def described(draw: Any, id_: str, item: Any) -> Markup | None:
            return _markup(draw(item, messages), messages(id_))

        self.timeline = partial(described, charts.timeline, "chart_timeline")
        self.board = partial(described, charts.board, "chart_board")
        self.track = partial(described, charts.track, "chart_track")


def _markup(svg: str | None, description: str) -> Markup | None:
    if svg is None:
        return None
    label = escaping.escape(description, quote=True)
    return Markup(svg.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1))  # noqa: S704 - drawn by us from numbers and the catalogue's names


def _for_markdown(value: object) -> str:
    """Text that Markdown shows as it is: nothing in a post becomes markup or a link."""
    text = " ".join(str(value).split())
    return escaping.escape(_MARKDOWN.sub(r"\\\1", text), quote=False)
