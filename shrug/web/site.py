"""What the pages and the API share: the measured figures and the filling of templates."""

from dataclasses import dataclass
from functools import partialmethod
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from jinja2 import PackageLoader
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from analysis.messages import LANGUAGES, Messages
from analysis.report import render
from analysis.report.data import BoardComparison, BoardEvent, OutageReport
from analysis.report.sentences import Sentences
from shrug.version import __version__
from shrug.web.snapshot import ReportRefresher, ReportSnapshot

TEMPLATES = render.environment(PackageLoader("shrug.web"))
# XML can't represent control characters, and a title may contain some.
TEMPLATES.filters["printable"] = lambda text: "".join(c for c in text if c.isprintable())
OTHER_LANGUAGE = {"en": "zh", "zh": "en"}


@dataclass(frozen=True)
class Site:
    """The page of one store."""

    refresher: ReportRefresher
    zone: str = "UTC"

    def messages(self, lang: str) -> Messages:
        return Messages(lang, self.zone)

    def page(
        self, request: Request, template: str, *, status: int = 200, **values: Any
    ) -> Response:
        """Render a template in the language of the request's address."""
        lang = language(request)
        messages = self.messages(lang)
        snapshot = self.refresher.snapshot
        base = base_of(request)
        shared: dict[str, Any] = {
            "m": messages,
            "base": base,
            "lang": lang,
            "other": OTHER_LANGUAGE[lang],
            "here": request.url.path.removeprefix(base).partition("/")[2].partition("/")[2],
            "query": request.url.query,
            "version": __version__,
            "snapshot": snapshot,
        }
        if snapshot:
            shared |= {
                "report": snapshot.report,
                "s": Sentences(snapshot.report, messages),
                "chart": InteractiveCharts(base, lang),
                "address": lambda o: f"{base}/{lang}/outages/{o.id}",
                "most_rows": len(snapshot.report.outages),
                "open_quotes": True,
            }
        text = TEMPLATES.get_template(template).render(shared | values)
        return HTMLResponse(text, status)

    def snapshot(self) -> ReportSnapshot:
        """Return the newest snapshot. Raises NotMeasuredYet before the first."""
        if self.refresher.snapshot is None:
            raise NotMeasuredYet
        return self.refresher.snapshot


class NotMeasuredYet(Exception):
    """Nothing has been measured yet."""


class InteractiveCharts:
    """A report's charts as elements that a script fills from the addresses they name."""

    def __init__(self, base: str, lang: str) -> None:
        self._base = base
        self._lang = lang

    def at(self, path: str, **query: object) -> Markup:
        """Return the element of one chart; without a script it is a picture."""
        address = f"{self._base}/charts/{path}"
        query_string = urlencode({"lang": self._lang, **query}, doseq=True)
        return Markup(
            '<div class="chart" data-chart="{0}.json?{1}"></div>'
            '<noscript><img src="{0}.svg?{1}" alt=""></noscript>'
        ).format(address, query_string)

    ranking = partialmethod(at, "ranking")
    trend = partialmethod(at, "trend")
    strips = partialmethod(at, "strips")

    def timeline(self, outage: OutageReport) -> Markup | None:
        return self.at(f"timeline/{outage.id}") if outage.hours else None

    def past(self, outage: OutageReport) -> Markup | None:
        return self.at(f"past/{outage.id}") if outage.own_past else None

    def board(self, comparison: BoardComparison) -> Markup | None:
        return self.at(f"board/{comparison.board}") if comparison.events else None

    def track(self, event: BoardEvent) -> Markup | None:
        return self.at(f"track/{event.outage_id}") if event.track else None


def base_of(request: Request) -> str:
    """Return the path under which a proxy shows the page; empty if there is none."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def language(request: Request) -> str:
    """Return the language of the path, else of the query, else the reader's favourite."""
    first = request.url.path.removeprefix(base_of(request)).strip("/").partition("/")[0]
    for code in (first, request.query_params.get("lang")):
        if code in LANGUAGES:
            return str(code)
    accepted = request.headers.get("accept-language", "")
    return next((c for part in accepted.split(",") if (c := part.strip()[:2]) in LANGUAGES), "en")


def read_static(name: str) -> str:
    """Return the text of a static file."""
    return files("shrug.web").joinpath("static", name).read_text(encoding="utf-8")
