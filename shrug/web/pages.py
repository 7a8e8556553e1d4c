"""The pages for people."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from threading import Lock
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from analysis.report import render, serialization
from analysis.report.data import OutageReport, Report, count_verdicts
from db import catalog
from shrug.health.sources import SourceHealth
from shrug.measure import weeks
from shrug.measure.measurement import COMPARISON_PERIOD, with_iso_week
from shrug.report.query import (
    PROVIDER_CLASSES,
    SORTS,
    VERDICTS,
    OutageFilter,
    compare_outages,
    outages_by_id,
    select_outages,
)
from shrug.web.security import REPORT_POLICY
from shrug.web.site import Site, base_of, language
from shrug.web.sparklines import bars as sparks_of

LATEST_SHOWN = 8
WEEK_CACHE_SIZE = 16
MAX_WEEKS = 260


class Pages:
    """Handlers of every page."""

    def __init__(self, site: Site, health: Callable[[], Sequence[SourceHealth]]) -> None:
        self._site = site
        self._health = health
        self._week = lru_cache(WEEK_CACHE_SIZE)(self._measure_week)
        self._measure_lock = Lock()

    def routes(self) -> list[Route]:
        lang = "/{lang:lang}"
        return [
            Route("/", self.root),
            Route(lang, self.now),
            Route(f"{lang}/outages", self.outages),
            Route(f"{lang}/outages/{{id:int}}", self.outage),
            Route(f"{lang}/providers/{{key}}", self.provider),
            Route(f"{lang}/compare", self.compare),
            Route(f"{lang}/claims", self.claims),
            Route(f"{lang}/sources", self.sources),
            Route(f"{lang}/reports", self.reports),
            Route(f"{lang}/reports/{{week}}.{{form}}", self.report),
        ]

    def root(self, request: Request) -> Response:
        address = f"{base_of(request)}/{language(request)}"
        return RedirectResponse(address, headers={"vary": "accept-language"})

    def now(self, request: Request) -> Response:
        snapshot = self._site.snapshot()
        judged = snapshot.report.judged
        ongoing = [o for o in judged if o.ongoing]
        over = sorted((o for o in judged if not o.ongoing), key=lambda o: o.end, reverse=True)
        sparks = {each.provider: sparks_of(each.hours) for each in snapshot.live}
        return self._site.page(
            request, "now.html.j2", ongoing=ongoing, latest=over[:LATEST_SHOWN], sparks=sparks
        )

    def outages(self, request: Request) -> Response:
        report = self._site.snapshot().report
        wanted = OutageFilter.from_query(request.query_params)
        return self._site.page(
            request,
            "outages.html.j2",
            wanted=wanted,
            shown=select_outages(report.judged, wanted),
            providers=_one_outage_per_provider(report),
            choices={"verdict": list(VERDICTS), "class": PROVIDER_CLASSES, "sort": list(SORTS)},
        )

    def outage(self, request: Request) -> Response:
        outage = self._site.snapshot().by_id.get(request.path_params["id"])
        if outage is None:
            return not_found(self._site, request)
        return self._site.page(request, "one_outage.html.j2", o=outage)

    def provider(self, request: Request) -> Response:
        entry = catalog.providers().get(request.path_params["key"])
        if entry is None:
            return not_found(self._site, request)
        outages = self._site.snapshot().of(entry.key)
        return self._site.page(
            request,
            "provider.html.j2",
            provider=entry,
            outages=outages,
            count=count_verdicts(outages),
        )

    def compare(self, request: Request) -> Response:
        snapshot = self._site.snapshot()
        chosen_ids = request.query_params.getlist("id")
        if not chosen_ids:
            newest = OutageFilter(sort="newest", per_page=60)
            recent = select_outages(snapshot.report.judged, newest).outages
            return self._site.page(request, "compare_pick.html.j2", recent=recent)
        picked = outages_by_id(chosen_ids, snapshot.by_id)
        return self._site.page(request, "compare.html.j2", picked=picked, **compare_outages(picked))

    def claims(self, request: Request) -> Response:
        self._site.snapshot()
        return self._site.page(request, "claims_page.html.j2")

    def sources(self, request: Request) -> Response:
        self._site.snapshot()
        known = [h for h in self._health() if h.state not in {"off", "new"}]
        return self._site.page(request, "sources_page.html.j2", health=known)

    def reports(self, request: Request) -> Response:
        report = self._site.snapshot().report
        zone = ZoneInfo(self._site.zone)
        by_week: dict[str, list[OutageReport]] = {}
        for outage in sorted(report.judged, key=lambda o: o.start, reverse=True):
            by_week.setdefault(weeks.iso_week_at(outage.start, zone), []).append(outage)
        return self._site.page(
            request,
            "reports.html.j2",
            weeks=[(week, each, _count(each)) for week, each in by_week.items()][:MAX_WEEKS],
        )

    def report(self, request: Request) -> Response:
        """A week's report, the same file that `shrug report --week` writes."""
        week, form = request.path_params["week"], request.path_params["form"]
        zone = ZoneInfo(self._site.zone)
        start, _ = weeks.parse_iso_week(week, zone)
        snapshot = self._site.snapshot()
        if form not in {"html", "md", "json"} or not _is_plausible(start, snapshot.made_at):
            return not_found(self._site, request)
        # One week is measured at a time, so that requests for many take no more than one core.
        with self._measure_lock:
            report = self._week(weeks.iso_week_at(start, zone), snapshot.stamp)
        messages = self._site.messages(language(request))
        if form == "html":
            headers = {"content-security-policy": REPORT_POLICY}
            return HTMLResponse(render.render_html(report, messages), headers=headers)
        if form == "md":
            return PlainTextResponse(
                render.render_markdown(report, messages), media_type="text/markdown"
            )
        return Response(serialization.to_json(report), media_type="application/json")

    def _measure_week(self, week: str, _stamp: str) -> Report:
        """Measure a week; the stamp makes the cache drop it if the store has changed."""
        zone = ZoneInfo(self._site.zone)
        start, end = weeks.parse_iso_week(week, zone)
        return with_iso_week(self._site.refresher.measure(start, end, COMPARISON_PERIOD), zone)


def not_found(site: Site, request: Request) -> Response:
    return site.page(request, "not_found.html.j2", status=404)


def _is_plausible(start: datetime, now: datetime) -> bool:
    return timedelta() < now - start < timedelta(weeks=52 * 30)


def _count(outages: Sequence[OutageReport]) -> dict[str, int]:
    return {v.name: n for v, n in count_verdicts(outages).items()}


def _one_outage_per_provider(report: Report) -> list[OutageReport]:
    return list({o.provider: o for o in report.judged}.values())
