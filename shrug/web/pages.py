"""The pages that people look at."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from threading import Lock
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from analysis.report import render, serialization
from analysis.report.data import OutageReport, Report, tally
from db import catalog
from shrug.health.sources import Health
from shrug.measure import weeks
from shrug.measure.measurement import PAST, of_week
from shrug.report.query import CLASSES, SORTS, VERDICTS, Wanted, chosen, compared, ids
from shrug.web.security import REPORT_POLICY
from shrug.web.site import Site, base_of, language
from shrug.web.sparklines import bars as sparks_of

LATEST = 8
KEPT_WEEKS = 16
# Weeks listed of those in which an outage is known.
MOST_WEEKS = 260


class Pages:
    """Handlers of every page."""

    def __init__(self, site: Site, health: Callable[[], Sequence[Health]]) -> None:
        self._site = site
        self._health = health
        self._week = lru_cache(KEPT_WEEKS)(self._measured_week)
        self._measuring = Lock()

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
            request, "now.html.j2", ongoing=ongoing, latest=over[:LATEST], sparks=sparks
        )

    def outages(self, request: Request) -> Response:
        report = self._site.snapshot().report
        wanted = Wanted.of(request.query_params)
        return self._site.page(
            request,
            "outages.html.j2",
            wanted=wanted,
            shown=chosen(report.judged, wanted),
            providers=_named(report),
            choices={"verdict": list(VERDICTS), "class": CLASSES, "sort": list(SORTS)},
        )

    def outage(self, request: Request) -> Response:
        found = self._site.snapshot().by_id.get(request.path_params["id"])
        if found is None:
            return missing(self._site, request)
        return self._site.page(request, "one_outage.html.j2", o=found)

    def provider(self, request: Request) -> Response:
        entry = catalog.providers().get(request.path_params["key"])
        if entry is None:
            return missing(self._site, request)
        own = self._site.snapshot().of(entry.key)
        return self._site.page(
            request, "provider.html.j2", provider=entry, own=own, count=tally(own)
        )

    def compare(self, request: Request) -> Response:
        snapshot = self._site.snapshot()
        told = request.query_params.getlist("id")
        if not told:
            recent = chosen(snapshot.report.judged, Wanted(sort="newest", per_page=60)).outages
            return self._site.page(request, "compare_pick.html.j2", recent=recent)
        picked = ids(told, snapshot.by_id)
        return self._site.page(request, "compare.html.j2", picked=picked, **compared(picked))

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
        known: dict[str, list[OutageReport]] = {}
        for outage in sorted(report.judged, key=lambda o: o.start, reverse=True):
            known.setdefault(weeks.week_with(outage.start, zone), []).append(outage)
        return self._site.page(
            request,
            "reports.html.j2",
            weeks=[(week, own, _count(own)) for week, own in known.items()][:MOST_WEEKS],
        )

    def report(self, request: Request) -> Response:
        """A week's report, the same file that `shrug report --week` writes."""
        week, form = request.path_params["week"], request.path_params["form"]
        zone = ZoneInfo(self._site.zone)
        start, _ = weeks.week_of(week, zone)
        if form not in {"html", "md", "json"} or not _plausible(
            start, self._site.snapshot().made_at
        ):
            return missing(self._site, request)
        # One at a time: many who ask for many weeks at once get no more than one core.
        with self._measuring:
            found = self._week(weeks.week_with(start, zone), self._site.snapshot().stamp)
        messages = self._site.messages(language(request))
        if form == "html":
            own = {"content-security-policy": REPORT_POLICY}
            return HTMLResponse(render.html(found, messages), headers=own)
        if form == "md":
            return PlainTextResponse(render.markdown(found, messages), media_type="text/markdown")
        return Response(serialization.to_json(found), media_type="application/json")

    def _measured_week(self, week: str, _stamp: str) -> Report:
        """Kept for as long as the store is as its stamp says."""
        zone = ZoneInfo(self._site.zone)
        return of_week(self._site.keeper.measure(*weeks.week_of(week, zone), PAST), zone)


def missing(site: Site, request: Request) -> Response:
    return site.page(request, "not_found.html.j2", status=404)


def _plausible(start: datetime, now: datetime) -> bool:
    return timedelta() < now - start < timedelta(weeks=52 * 30)


def _count(own: Sequence[OutageReport]) -> dict[str, int]:
    return {v.name: n for v, n in tally(own).items()}


def _named(report: Report) -> list[OutageReport]:
    """One outage of each provider, for its names."""
    return list({o.provider: o for o in report.judged}.values())
