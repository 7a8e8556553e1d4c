"""The read-only API: the report's figures as JSON, charts, the feed and badges."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from json import dumps
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from analysis.attention.verdicts import Verdict
from analysis.messages import Messages
from analysis.report import render
from analysis.report.charts import boards, outages, strips, style
from analysis.report.charts.style import Spec
from analysis.report.data import OutageReport, Report, count_verdicts
from analysis.report.sentences import Sentences
from analysis.report.serialization import to_plain
from db import catalog
from db.catalog import ProviderEntry
from shrug.health.sources import SourceHealth
from shrug.report.query import OutageFilter, compare_outages, outages_by_id, select_outages
from shrug.web import openapi
from shrug.web import response_models as models
from shrug.web.badge import badge
from shrug.web.feed import feed
from shrug.web.site import Site, base_of, language
from shrug.web.snapshot import ReportSnapshot

CHART_CACHE_SIZE = 256


class Api:
    """The handlers of all that programs read."""

    def __init__(self, site: Site, health: Callable[[], Sequence[SourceHealth]]) -> None:
        self._site = site
        self._health = health
        self._cached_chart = lru_cache(CHART_CACHE_SIZE)(self._draw_chart)

    def routes(self) -> list[Route]:
        v1 = "/api/v1"
        return [
            Route(f"{v1}/openapi.json", self.openapi),
            Route(f"{v1}/now", self.now),
            Route(f"{v1}/report", self.report),
            Route(f"{v1}/outages", self.outages),
            Route(f"{v1}/outages/{{id:int}}", self.outage),
            Route(f"{v1}/providers", self.providers),
            Route(f"{v1}/compare", self.compare),
            Route(f"{v1}/claims", self.claims),
            Route(f"{v1}/sources", self.sources),
            Route("/charts/{path:path}.{form}", self.chart),
            Route("/feed.atom", self.feed),
            Route("/badge/{key}.svg", self.badge),
        ]

    def openapi(self, request: Request) -> Response:
        return JSONResponse(openapi.description(base_of(request)))

    def now(self, _request: Request) -> Response:
        snapshot = self._site.snapshot()
        ongoing = [o for o in snapshot.report.judged if o.ongoing]
        return _json(
            models.CurrentState(snapshot.made_at, snapshot.report.simulated, ongoing, snapshot.live)
        )

    def report(self, _request: Request) -> Response:
        return JSONResponse(self._site.snapshot().as_json)

    def outages(self, request: Request) -> Response:
        snapshot = self._site.snapshot()
        wanted = OutageFilter.from_query(request.query_params)
        shown = select_outages(snapshot.report.judged, wanted)
        body = models.OutagePage(shown.outages, wanted.page, shown.pages, shown.total)
        around = {"next": wanted.page + 1, "prev": wanted.page - 1}
        address = f"{base_of(request)}/api/v1/outages"
        links = [
            f'<{address}?{urlencode(wanted.to_query(page=page))}>; rel="{name}"'
            for name, page in around.items()
            if 1 <= page <= shown.pages
        ]
        return _json(body, headers={"link": ", ".join(links)} if links else None)

    def outage(self, request: Request) -> Response:
        outage = self._site.snapshot().by_id.get(request.path_params["id"])
        return _json(outage) if outage else problem(404, "no such outage")

    def providers(self, _request: Request) -> Response:
        snapshot = self._site.snapshot()
        known = catalog.providers().values()
        return _json(models.ProviderList([_provider(entry, snapshot) for entry in known]))

    def compare(self, request: Request) -> Response:
        snapshot = self._site.snapshot()
        picked = outages_by_id(request.query_params.getlist("id"), snapshot.by_id)
        comparison = compare_outages(picked)
        measured = [o.id for o in comparison["measured"]]
        return _json(models.OutageComparison(picked, measured, comparison["louder"]))

    def claims(self, _request: Request) -> Response:
        return _json(models.ClaimList(self._site.snapshot().report.claims))

    def sources(self, _request: Request) -> Response:
        return _json(models.SourceList(self._site.snapshot().report.sources, self._health()))

    def chart(self, request: Request) -> Response:
        """Return a chart as Vega-Lite, or as a picture."""
        path, form = request.path_params["path"], request.path_params["form"]
        lang, picked = language(request), tuple(request.query_params.getlist("id"))
        media = {"svg": "image/svg+xml", "json": "application/json"}.get(form)
        made_at = self._site.snapshot().made_at
        chart = self._cached_chart(path, form, lang, picked, made_at) if media else None
        return Response(chart, media_type=media) if chart else problem(404, "no such chart")

    def _spec(self, path: str, lang: str, picked: tuple[str, ...]) -> Spec | None:
        snapshot, messages = self._site.snapshot(), self._site.messages(lang)
        report = snapshot.report
        kind, _, which = path.partition("/")
        if kind in {"timeline", "past", "track"}:
            outage = snapshot.by_id.get(int(which)) if re.fullmatch(r"[0-9]{1,9}", which) else None
            return _outage_chart(kind, outage, which, report, messages) if which else None
        if kind == "board":
            board = next((b for b in report.boards if b.board == which), None)
            return boards.board(board, messages) if board else None
        if kind == "provider":
            return outages.over_time(snapshot.of(which)[::-1], messages)
        if kind == "compare":
            rated = [o for o in outages_by_id(picked, snapshot.by_id) if o.ratio]
            return outages.compared(rated, messages, simulated=report.simulated) if rated else None
        report_charts = {"ranking": outages.ranking, "strips": strips.strips}
        if path in report_charts:
            return report_charts[path](report, messages)
        return outages.over_time(report.compared, messages) if path == "trend" else None

    def _draw_chart(
        self, path: str, form: str, lang: str, picked: tuple[str, ...], _made_at: datetime
    ) -> str | None:
        """Draw a chart as Vega-Lite or as a picture; `_made_at` is a key of the cache."""
        spec = self._spec(path, lang, picked)
        if spec is None:
            return None
        return style.svg(spec).replace("currentColor", "#555") if form == "svg" else dumps(spec)

    def feed(self, request: Request) -> Response:
        lang = language(request)
        address = str(request.base_url).rstrip("/")
        snapshot = self._site.snapshot()
        sentences = Sentences(snapshot.report, self._site.messages(lang))
        text = feed(snapshot.report, sentences, address, lang)
        return Response(text, media_type="application/atom+xml")

    def badge(self, request: Request) -> Response:
        entry = catalog.providers().get(request.path_params["key"])
        if entry is None:
            return problem(404, "no such provider")
        messages = self._site.messages(language(request))
        verdicts = count_verdicts(self._site.snapshot().of(entry.key))
        text = messages("badge", total=sum(verdicts.values()), shrugged=verdicts[Verdict.SHRUGGED])
        headers = {"cross-origin-resource-policy": "cross-origin"}
        body = badge(messages.name(entry), text)
        return Response(body, media_type="image/svg+xml", headers=headers)


def problem(status: int, why: str) -> Response:
    """Return an error as problem details (RFC 9457)."""
    body = to_plain(models.Problem(why, status))
    return JSONResponse(body, status, media_type="application/problem+json")


def _json(answer: object, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse(to_plain(answer), headers=headers)


def _provider(entry: ProviderEntry, snapshot: ReportSnapshot) -> models.ProviderSummary:
    outages = snapshot.of(entry.key)
    verdicts = models.VerdictCounts(
        **{v.name.lower(): n for v, n in count_verdicts(outages).items()}
    )
    names = entry.name_en, entry.name_zh
    return models.ProviderSummary(entry.key, entry.kind, *names, len(outages), verdicts)


def _outage_chart(
    kind: str, outage: OutageReport | None, which: str, report: Report, messages: Messages
) -> Spec | None:
    if kind == "track":
        articles = [b.article for b in report.boards if b.article]
        event = next((e for e in articles if str(e.outage_id) == which), None)
        return boards.track(event, messages) if event else None
    if outage is None:
        return None
    if kind == "past":
        return render.past_chart(report, outage, messages)
    return outages.timeline(outage, messages)
