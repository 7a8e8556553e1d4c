"""Crawls send the queries of their sources, and refuse wrong use in one line."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from db import catalog
from db.crawl import boards, coverage, outages
from shrug.store.bootstrap import open_ready_store
from tests.crawler.spiders.stub_sources import WHEN, address_options, algolia, serve_search
from tests.crawling import crawl
from tests.serving import StubResponse, StubSite

pytestmark = pytest.mark.usefixtures("robots_allowed")


def test_many_names_are_combined_in_few_queries(site: StubSite, url: str) -> None:
    item = "<item><title>DeepSeek</title><guid>1</guid><pubDate>Sat, 01 Aug 2026 10:00:00 GMT"
    body = f'<rss version="2.0"><channel>{item}</pubDate></item></channel></rss>'
    site.on("/rss/search", StubResponse(body.encode()))
    names = ("deepseek", "openai", "anthropic", "kimi", "doubao", "qwen", "gemini")
    options = [part for name in names for part in ("--provider", name)]
    code, said = crawl(url, "google_news", *options, *address_options(site, "google_news"))
    assert code == 0, said
    queries = [query["q"] for path, query, _ in site.requests if path == "/rss/search"]
    assert [q.count(" OR ") for q in queries] == [5, 0]
    with open_ready_store(url) as store, store.reading() as connection:
        now = datetime.now(UTC)
        read = {
            name: len(coverage.read(connection, name, now - timedelta(days=900), now))
            for name in map(catalog.provider_key, names)
        }
    assert set(read.values()) == {1}


def test_a_board_and_a_status_page_are_read(site: StubSite, url: str) -> None:
    rows = [{"word": "DeepSeek崩了", "num": 500, "realpos": 1}, {"word": "别的", "num": 90}]
    site.on(
        "/ajax/side/hotSearch",
        StubResponse(json.dumps({"ok": 1, "data": {"realtime": rows}}).encode()),
    )
    incident = {
        "id": "abc",
        "name": "API down",
        "impact": "major",
        "status": "resolved",
        "created_at": "2026-08-01T10:00:00Z",
        "resolved_at": "2026-08-01T11:00:00Z",
    }
    site.on("/api/v2/incidents.json", StubResponse(json.dumps({"incidents": [incident]}).encode()))
    site.on("/api/v2/scheduled-maintenances.json", StubResponse(b'{"scheduled_maintenances": []}'))
    addresses = (f"weibo_board={site.base}", f"statuspage:kimi={site.base}")
    options = [part for address in addresses for part in ("--address", address)]
    code, said = crawl(url, "weibo_board", "statuspage", "--provider", "kimi", *options)
    assert code == 0, said
    with open_ready_store(url) as store, store.reading() as connection:
        assert boards.size(connection, "weibo") == (1, 2)
        known = outages.read(connection)
    assert sorted((o.origin, o.provider, o.confirmed) for o in known) == [
        ("board", "deepseek", False),
        ("statuspage", "kimi", True),
    ]


def test_a_source_that_needs_a_key_says_which(url: str) -> None:
    code, said = crawl(url, "weibo_mobile", "--provider", "deepseek")
    assert code == 2
    assert "weibo_mobile needs SHRUG_WEIBO_COOKIE in the environment" in said


def test_the_user_agent_names_the_contact(
    site: StubSite, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHRUG_CONTACT", "desk@newsroom.example")
    serve_search(site, algolia([]))
    crawl(url, "hackernews", *WHEN, "--address", f"hackernews={site.base}")
    agents = {headers["User-Agent"] for _, _, headers in site.requests}
    assert len(agents) == 1
    assert "desk@newsroom.example" in agents.pop()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nosuchsource",), "no source 'nosuchsource'"),
        (("hackernews", "--provider", "nobody"), "no provider goes by 'nobody'"),
        (("hackernews", "--since", "yesterday"), "--since: not a time"),
        (("hackernews", "--since", "2026-01-02", "--until", "2026-01-01"), "is not before"),
        (("hackernews", "--address", "ftp://x"), "write SOURCE=URL"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(
    url: str, arguments: tuple[str, ...], words: str
) -> None:
    code, said = crawl(url, *arguments)
    assert code == 2
    assert words in said
    assert len(said.strip().splitlines()) == 1
