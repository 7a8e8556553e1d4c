"""What page and API share: where figures come from, and how a template is filled."""

from dataclasses import dataclass
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
from shrug.web.snapshot import Keeper, Snapshot

TEMPLATES = render.environment(PackageLoader("shrug.web"))
# XML has no way to write control characters, and a title may hold some.
TEMPLATES.filters["printable"] = lambda text: "".join(c for c in text if c.isprintable())
# Chinese first where a reader asks for it, else English.
OTHER = {"en": "zh", "zh": "en"}


@dataclass(frozen=True)
class Site:
    """One page on one store."""

    keeper: Keeper
    zone: str = "UTC"

    def messages(self, lang: str) -> Messages:
        return Messages(lang, self.zone)

    def page(
        self, request: Request, template: str, *, status: int = 200, **values: Any
    ) -> Response:
        """A page in the language that its address names."""
        lang = language(request)
        messages = self.messages(lang)
        snapshot = self.keeper.snapshot
        base = base_of(request)
        shared: dict[str, Any] = {
            "m": messages,
            "base": base,
            "lang": lang,
            "other": OTHER[lang],
            "here": request.url.path.removeprefix(base).partition("/")[2].partition("/")[2],
            "query": request.url.query,
            "version": __version__,
            "snapshot": snapshot,
        }
        if snapshot:
            shared |= {
                "report": snapshot.report,
                "s": Sentences(snapshot.report, messages),
                "chart": Alive(base, lang),
                "address": lambda o: f"{base}/{lang}/outages/{o.id}",
                "most_rows": len(snapshot.report.outages),
                "open_quotes": True,
            }
        text = TEMPLATES.get_template(template).render(shared | values)
        return HTMLResponse(text, status)

    def snapshot(self) -> Snapshot:
        """What was measured last; NotYet before the first time."""
        if self.keeper.snapshot is None:
            raise NotYet
        return self.keeper.snapshot


class NotYet(Exception):
    """Nothing has been measured yet."""


class Alive:
    """A report's charts as places that a script fills from the addresses they name."""

    def __init__(self, base: str, lang: str) -> None:
        self._base = base
        self._lang = lang

    def ranking(self) -> Markup:
        return self.at("ranking")

    def trend(self) -> Markup:
        return self.at("trend")

    def strips(self) -> Markup:
        return self.at("strips")

    def timeline(self, outage: OutageReport) -> Markup | None:
        return self.at(f"timeline/{outage.id}") if outage.hours else None

    def past(self, outage: OutageReport) -> Markup | None:
        return self.at(f"past/{outage.id}") if outage.own_past else None

    def board(self, comparison: BoardComparison) -> Markup | None:
        return self.at(f"board/{comparison.board}") if comparison.events else None

    def track(self, event: BoardEvent) -> Markup | None:
        return self.at(f"track/{event.outage_id}") if event.track else None

    def at(self, path: str, **query: object) -> Markup:
        """The place of one chart; without a script it is a picture."""
        address = f"{self._base}/charts/{path}"
        told = urlencode({"lang": self._lang, **query}, doseq=True)
        return Markup(
            '<div class="chart" data-chart="{0}.json?{1}"></div>'
            '<noscript><img src="{0}.svg?{1}" alt=""></noscript>'
        ).format(address, told)


def base_of(request: Request) -> str:
    """The path under which a proxy shows the page; empty where there is none."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def language(request: Request) -> str:
    """That of the path, or of the query, or the one that the reader's browser likes best."""
    first = request.url.path.removeprefix(base_of(request)).strip("/").partition("/")[0]
    for told in (first, request.query_params.get("lang")):
        if told in LANGUAGES:
            return str(told)
    liked = request.headers.get("accept-language", "")
    return next((c for part in liked.split(",") if (c := part.strip()[:2]) in LANGUAGES), "en")


def static(name: str) -> str:
    """The text of one of our own files."""
    return files("shrug.web").joinpath("static", name).read_text(encoding="utf-8")
