"""Counts of others are read over HTTP, stored, and reported beside the verdict."""

import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

from db.crawl import volumes
from shrug.store.bootstrap import open_ready_store
from tests.conftest import Run
from tests.crawling import crawl
from tests.serving import QueryParameters, StubResponse, StubSite

DAY = timedelta(days=1)
OUTAGE = datetime(2026, 8, 2, tzinfo=UTC)
FIRST = OUTAGE - 40 * DAY


def views(project: str, article: str) -> StubResponse:
    days = [FIRST + n * DAY for n in range(42)]
    items = [
        {"timestamp": f"{day:%Y%m%d}00", "views": 300 if day == OUTAGE else 100, "article": article}
        for day in days
    ]
    return StubResponse(json.dumps({"items": items}).encode())


def wikipedia(site: StubSite) -> None:
    span = f"{FIRST:%Y%m%d}00/{OUTAGE + DAY:%Y%m%d}00"
    base = "/api/rest_v1/metrics/pageviews/per-article"
    for project, article in (("zh.wikipedia", "%E6%B7%B1%E5%BA%A6%E6%B1%82%E7%B4%A2"),):
        path = f"{base}/{project}/all-access/user/{article}/daily/{span}"
        site.on(path, views(project, unquote(article)))


def test_page_views_are_stored_and_reported_beside_the_verdict(
    site: StubSite, run: Run, url: str
) -> None:
    site.on("/robots.txt", StubResponse(b"User-agent: *\nAllow: /\n"))
    wikipedia(site)
    when = ("--since", FIRST.isoformat(), "--until", (OUTAGE + DAY).isoformat())
    at = ("--address", f"wikipedia={site.base}", "--provider", "deepseek")
    code, said = crawl(url, "wikipedia", *when, *at)
    assert code == 1  # the English article has no data here, which is not zero
    assert "empty: no data for this span" in said
    with open_ready_store(url) as store, store.reading() as connection:
        counts = volumes.read(connection, "deepseek", FIRST, OUTAGE + DAY)
    assert [len(slots) for slots in counts.values()] == [41]
    start, end = OUTAGE + timedelta(hours=5), OUTAGE + timedelta(hours=7)
    times = start.isoformat(), end.isoformat()
    assert run("outages", "add", "deepseek", *times)[0] == 0
    span = ("--from", OUTAGE.isoformat(), "--to", (OUTAGE + DAY).isoformat())
    _, out, _ = run("measure", *span, "--json")
    (measured,) = [o["volumes"] for o in json.loads(out)["outages"]]
    assert [(v["source"], v["observed"], v["usual"], v["ratio"]) for v in measured] == [
        ("wikipedia", 300.0, 100.0, 3.0)
    ]


def test_a_long_span_of_articles_is_requested_in_parts(site: StubSite, url: str) -> None:
    site.on("/robots.txt", StubResponse(b"User-agent: *\nAllow: /\n"))

    def timeline(query: QueryParameters) -> StubResponse:
        first, last = (
            datetime.strptime(query[n], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
            for n in ("startdatetime", "enddatetime")
        )
        hours = [first + n * DAY / 24 for n in range(int((last - first) / (DAY / 24)))]
        data = [{"date": f"{h:%Y%m%dT%H%M%SZ}", "value": 3, "norm": 1000} for h in hours]
        return StubResponse(json.dumps({"timeline": [{"series": "x", "data": data}]}).encode())

    site.on("/api/v2/doc/doc", timeline)
    when = ("--since", (OUTAGE - 20 * DAY).isoformat(), "--until", OUTAGE.isoformat())
    at = ("--address", f"gdelt_volume={site.base}", "--provider", "deepseek")
    code, said = crawl(url, "gdelt_volume", *when, *at)
    assert code == 0, said
    requests = [q for path, q, _ in site.requests if path == "/api/v2/doc/doc"]
    assert len(requests) == 4
    assert all(re.fullmatch(r'"DeepSeek"', q["query"]) for q in requests)
    with open_ready_store(url) as store, store.reading() as connection:
        (slots,) = volumes.read(connection, "deepseek", OUTAGE - 30 * DAY, OUTAGE).values()
    assert len(slots) == 480
    assert {(s.minutes, s.norm) for s in slots} == {(60, 1000.0)}
