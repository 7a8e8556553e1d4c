"""When a query is due again."""

import math
from bisect import bisect_left
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.items import CrawlQuery
from db import catalog
from db.catalog import SourceEntry
from db.core.engine import Store
from db.crawl import runs
from shrug.crawl.schedule import (
    OUTAGE_FACTOR,
    QUIET_FACTOR,
    QUIET_VISITS,
    Visits,
    due_queries,
    interval,
)
from tests.conftest import Run
from tests.crawling import crawl
from tests.serving import StubResponse, StubSite

NOW = datetime(2026, 8, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def entry(**fields: object) -> SourceEntry:
    values: dict[str, object] = {"every": 60, "gives": "posts", **fields}
    return SourceEntry("x", "x", "https://x", "search", posts_a_day=(0, 1), form="", **values)  # type: ignore[arg-type]


def test_an_outage_makes_visits_denser_and_silence_makes_them_sparser() -> None:
    plain = Visits(NOW, 0)
    assert interval(entry(), 1, plain, outage=False) == HOUR
    assert interval(entry(), 1, plain, outage=True) == HOUR / OUTAGE_FACTOR
    quiet = Visits(NOW, QUIET_VISITS)
    assert interval(entry(), 1, quiet, outage=False) == QUIET_FACTOR * HOUR
    # Where something happens, it is no time to be sparse; a board is never looked at less often.
    assert interval(entry(), 1, quiet, outage=True) == HOUR / OUTAGE_FACTOR
    assert interval(entry(gives="board", every=10), 1, quiet, outage=False) == HOUR / 6


@settings(max_examples=40)
@given(
    st.integers(1, 100),
    st.integers(1, 2_000),
    st.integers(1, 1440),
    st.integers(0, 9),
    st.booleans(),
    st.booleans(),
)
def test_no_quota_is_ever_overdrawn(
    queries: int, quota: int, every: int, empty: int, broken: bool, outage: bool
) -> None:
    source = entry(quota=quota, every=every)
    # The other half is for visits that need several requests.
    assert asked_in(source, queries, Visits(NOW, empty, broken), outage) <= quota / 2


def asked_in(source: SourceEntry, queries: int, before: Visits, outage: bool) -> float:
    """Number of requests in an hour if each query is sent as soon as it is due."""
    asks = [CrawlQuery("x", f"q{n}", ("deepseek",), NOW, NOW) for n in range(queries)]
    failing = {"deepseek"} if outage else set()
    visits = {("x", ask.text): before for ask in asks}

    def all_due(seconds: int) -> bool:
        return (
            len(due_queries(source, asks, visits, failing, NOW + timedelta(seconds=seconds)))
            == queries
        )

    wait = bisect_left(range(10**8), True, key=all_due)
    return queries * 3600 / wait if wait else math.inf


def test_only_what_concerns_the_outage_is_asked_sooner() -> None:
    asks = [CrawlQuery("x", name, (name,), NOW, NOW) for name in ("deepseek", "kimi")]
    visits = {("x", name): Visits(NOW - HOUR / 2) for name in ("deepseek", "kimi")}
    assert due_queries(entry(), asks, visits, {"deepseek"}, NOW) == (asks[0],)
    assert due_queries(entry(), asks, visits, set(), NOW + HOUR) == tuple(asks)
    assert due_queries(entry(), asks, {}, set(), NOW) == tuple(asks)


def test_a_job_that_a_kill_interrupted_is_due_at_once(
    site: StubSite, url: str, store: Store
) -> None:
    site.on("/robots.txt", StubResponse(b"User-agent: *\nAllow: /\n"))
    site.on(
        "/api/topics/latest.json", StubResponse(b'[{"id": 1, "title": "x", "created": 1785600000}]')
    )
    at = ("v2ex", "--due", "--address", f"v2ex={site.base}")
    assert crawl(url, *at)[0] == 0
    with store.reading() as connection:
        (done,) = runs.latest(connection)
    with store.writing() as connection:
        # Long enough ago for its quota, not for its usual interval.
        runs.begin(connection, "v2ex", done.query, datetime.now(UTC) - timedelta(minutes=5))
    request_count = site.paths().count("/api/topics/latest.json")
    for _ in range(2):
        assert crawl(url, *at)[0] == 0
    assert site.paths().count("/api/topics/latest.json") == request_count + 1


def test_a_crawl_asks_only_what_is_due(site: StubSite, url: str, run: Run) -> None:
    site.on("/robots.txt", StubResponse(b"User-agent: *\nAllow: /\n"))
    site.on(
        "/api/topics/latest.json", StubResponse(b'[{"id": 1, "title": "x", "created": 1785600000}]')
    )
    at = ("--due", "--address", f"v2ex={site.base}")

    def request_count() -> int:
        return site.paths().count("/api/topics/latest.json")

    code, said = crawl(url, "v2ex", *at)
    assert (code, request_count()) == (0, 1), said
    assert crawl(url, "v2ex", *at)[0] == 0
    assert request_count() == 1
    assert crawl(url, "v2ex", *at[1:])[0] == 0
    assert request_count() == 2


LIMITED = [key for key, source in catalog.sources().items() if source.quota]
BOARDS = [key for key, source in catalog.sources().items() if source.gives == "board"]


@pytest.mark.parametrize("key", LIMITED)
def test_every_source_of_the_catalogue_keeps_within_its_quota(key: str) -> None:
    """With a query for each provider, and during an outage."""
    source = catalog.sources()[key]
    assert asked_in(source, len(catalog.providers()), Visits(NOW), outage=True) <= source.quota


@pytest.mark.parametrize("key", BOARDS)
def test_every_board_of_the_catalogue_is_looked_at_each_quarter_of_an_hour(key: str) -> None:
    wait = interval(catalog.sources()[key], 1, Visits(NOW), outage=False)
    assert timedelta(minutes=10) <= wait <= timedelta(minutes=15)
