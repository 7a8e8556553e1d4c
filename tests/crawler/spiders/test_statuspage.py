"""Status pages over real HTTP: platforms told apart, pages that move, what goes on and ends."""

import json
from datetime import UTC, datetime

import pytest

from db.crawl import outages
from db.crawl.outages import KnownOutage
from shrug.store.bootstrap import open_ready_store
from tests.crawling import crawl
from tests.paths import ANSWERS
from tests.serving import StubResponse, StubSite

ANSWERS = ANSWERS / "status"
START, END = datetime(2026, 9, 1, 13, 50, tzinfo=UTC), datetime(2026, 9, 1, 15, 39, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _robots(site: StubSite) -> None:
    site.on("/robots.txt", StubResponse(b"User-agent: *\nAllow: /\n"))


def crawl_page(site: StubSite, url: str, provider: str) -> tuple[int, str]:
    address = f"statuspage:{provider}={site.base}"
    return crawl(url, "statuspage", "--provider", provider, "--address", address)


def stored_outages(url: str) -> list[KnownOutage]:
    with open_ready_store(url) as store, store.reading() as connection:
        return outages.read(connection, origins=["statuspage"])


FLASHDUTY = "/api/status-page/6410630422455"
PAGES = {
    "deepseek": {f"{FLASHDUTY}/change/list": "flashduty.json"},
    "aws": {"/public/currentevents": "aws.json"},
    "gcp": {"/incidents.json": "gcp.json"},
    "aliyun": {"/api/status/listHistoryEvent": "alibaba.json"},
    "mistral": {"/api/status-page/mistral-ai/unresolved-incidents": "checkly.json"},
    "replicate": {"/api/v3/summary": "cloudflare.json"},
    "openrouter": {"/config.json": "datadog.json"},
    "huggingface": {"/index.json": "betterstack.json"},
    "grok": {"/feed.xml": "feed.xml"},
    "doubao": {"/rss/zh/cn-beijing/ModelArk": "feed.xml"},
    "azure": {"/en-us/status/feed/": "feed.xml"},
}


@pytest.mark.parametrize("provider", PAGES)
def test_the_status_page_of_each_provider_is_read(site: StubSite, url: str, provider: str) -> None:
    for path, file in PAGES[provider].items():
        site.on(path, StubResponse((ANSWERS / file).read_bytes()))
    site.on(
        f"{FLASHDUTY}/summary/active", StubResponse(b'{"data": {"page": {}, "active_changes": []}}')
    )
    code, said = crawl_page(site, url, provider)
    outages_read = stored_outages(url)
    stem = next(iter(PAGES[provider].values())).partition(".")[0]
    expected = json.loads((ANSWERS / f"{stem}.expected.json").read_text(encoding="utf-8"))
    assert len(outages_read) == len(expected["outages"]), said
    assert code == (1 if expected["refused"] else 0), said
    assert {o.provider for o in outages_read} == {provider}
    assert "moved" not in said


@pytest.mark.parametrize(
    ("path", "file", "platform"),
    [
        ("/index.json", "betterstack.json", "betterstack"),
        ("/summary.json", "instatus.json", "instatus"),
        ("/api/v3/summary", "cloudflare.json", "cloudflare"),
    ],
)
def test_a_page_that_moved_to_another_platform_is_read_and_reported(
    site: StubSite, url: str, path: str, file: str, platform: str
) -> None:
    site.on("/api/v2/incidents.json", StubResponse(b"<html>we have moved</html>"))
    site.on(path, StubResponse((ANSWERS / file).read_bytes()))
    code, said = crawl_page(site, url, "kimi")
    assert code == 1
    assert f"moved: it runs on {platform} now, not on statuspage; it was read" in said
    assert START in {o.start for o in stored_outages(url)}


def test_a_page_that_no_platform_can_read_is_unreadable(site: StubSite, url: str) -> None:
    for path in ("/api/v2/incidents.json", "/index.json", "/api/v3/summary", "/config.json"):
        site.on(path, StubResponse(b"<html>hello</html>"))
    site.on("/summary.json", StubResponse(b"<html>hello</html>"))
    code, said = crawl_page(site, url, "kimi")
    assert code == 1
    assert "statuspage kimi: unreadable" in said
    assert stored_outages(url) == []


def test_a_blocked_page_is_not_requested_elsewhere(site: StubSite, url: str) -> None:
    site.on("/api/v2/incidents.json", StubResponse(b"challenge", 403))
    site.on("/index.json", StubResponse((ANSWERS / "betterstack.json").read_bytes()))
    code, said = crawl_page(site, url, "kimi")
    assert code == 1
    assert "statuspage kimi: blocked" in said
    assert "/index.json" not in site.paths()


def incident(id_: str, **changed: object) -> dict[str, object]:
    row = {"id": id_, "name": f"Trouble {id_}", "impact": "major", "created_at": START.isoformat()}
    return {**row, "resolved_at": None, **changed}


def statuspage(site: StubSite, *rows: dict[str, object]) -> None:
    site.on("/api/v2/incidents.json", StubResponse(json.dumps({"incidents": rows}).encode()))
    site.on("/api/v2/scheduled-maintenances.json", StubResponse(b'{"scheduled_maintenances": []}'))


def test_updates_are_followed_and_dropped_incidents_stay(site: StubSite, url: str) -> None:
    resolved = {"resolved_at": END.isoformat(), "status": "resolved"}
    statuspage(site, incident("a"), incident("b", **resolved))
    crawl_page(site, url, "kimi")
    assert [(o.external_id, o.end) for o in stored_outages(url)] == [
        ("kimi/a", None),
        ("kimi/b", END),
    ]
    # Resolved and renamed; the other was dropped from the page.
    statuspage(site, incident("a", name="Renamed", **resolved))
    crawl_page(site, url, "kimi")
    assert [(o.title, o.end) for o in stored_outages(url)] == [("Renamed", END), ("Trouble b", END)]
    statuspage(site, incident("a", name="Reopened"))
    crawl_page(site, url, "kimi")
    assert [(o.title, o.end) for o in stored_outages(url)] == [
        ("Reopened", None),
        ("Trouble b", END),
    ]


def test_an_incident_of_another_product_is_ignored(site: StubSite, url: str) -> None:
    ours, theirs = {"id": "pjmpxvq2cmr2", "name": "Copilot"}, {"id": "x", "name": "Pages"}
    statuspage(
        site,
        incident("a", components=[ours, theirs]),
        incident("b", components=[theirs]),
        incident("c"),
    )
    site.on("/api/v2/components.json", StubResponse(json.dumps({"components": [ours]}).encode()))
    code, said = crawl_page(site, url, "copilot")
    assert code == 0, said
    assert {o.external_id for o in stored_outages(url)} == {"copilot/a", "copilot/c"}
    assert next(o for o in stored_outages(url) if o.components).components == ("Copilot", "Pages")


def test_a_component_that_disappears_is_reported(site: StubSite, url: str) -> None:
    statuspage(site)
    site.on("/api/v2/components.json", StubResponse(b'{"components": [{"id": "other"}]}'))
    code, said = crawl_page(site, url, "copilot")
    assert code == 1
    assert "moved: the component pjmpxvq2cmr2 is no longer on the page" in said


def test_an_incident_gone_from_a_page_of_open_ones_has_ended(site: StubSite, url: str) -> None:
    site.on("/public/currentevents", StubResponse((ANSWERS / "aws.json").read_bytes()))
    crawl_page(site, url, "aws")
    assert [o.end for o in stored_outages(url)] == [None, None]
    site.on("/public/currentevents", StubResponse(b"[]"))
    before = datetime.now(UTC).replace(microsecond=0)
    crawl_page(site, url, "aws")
    ends = [o.end for o in stored_outages(url)]
    assert len(ends) == 2
    assert all(end is not None and end >= before for end in ends)


def test_an_outage_of_seconds_is_flagged(site: StubSite, url: str) -> None:
    over = {"resolved_at": "2026-09-01T13:50:40Z", "status": "resolved"}
    statuspage(site, incident("a", **over), incident("b", resolved_at=END.isoformat()))
    crawl_page(site, url, "kimi")
    assert {o.external_id: o.is_brief for o in stored_outages(url)} == {
        "kimi/a": True,
        "kimi/b": False,
    }


def test_a_moved_page_without_components_gets_few_requests(site: StubSite, url: str) -> None:
    statuspage(site, incident("a", resolved_at=END.isoformat()))
    crawl_page(site, url, "gemini")  # stored_outages to be Google Cloud's, and to go by a component
    crawl_page(site, url, "copilot")  # goes by a component, and has no list of them
    assert len(site.requests) < 15
    assert {o.provider for o in stored_outages(url)} == {"gemini", "copilot"}
