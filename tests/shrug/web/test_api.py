"""The API by its own description, and what every answer carries."""

import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import feedparser
import jsonschema
import pytest
import time_machine
from openapi_spec_validator import validate
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from db.core.engine import open_store
from db.crawl import outages as ledger
from shrug.web.rate_limit import Limited
from tests.shrug.filling import START
from tests.shrug.web.conftest import NOW, Served, serve
from tests.waiting import wait_for

V1 = "/api/v1"
ADDRESSES = {
    "/api/v1/now": "",
    "/api/v1/report": "",
    "/api/v1/outages": "?sort=loudest",
    "/api/v1/outages/{id}": "",
    "/api/v1/providers": "",
    "/api/v1/compare": "?id=1&id=2",
    "/api/v1/claims": "",
    "/api/v1/sources": "",
}


@pytest.fixture(scope="module")
def described(page: Served) -> dict[str, Any]:
    found: dict[str, Any] = page.get(f"{V1}/openapi.json").json()
    return found


def test_the_description_is_one(described: dict[str, Any]) -> None:
    validate(described)
    assert set(described["paths"]) == set(ADDRESSES)


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_answer_is_as_described(page: Served, described: dict[str, Any], path: str) -> None:
    got = page.get(path.replace("{id}", "1") + ADDRESSES[path])
    assert got.status == 200
    answer = described["paths"][path]["get"]["responses"]["200"]
    schema = answer["content"]["application/json"]["schema"]
    whole = {**schema, "components": described["components"]}
    jsonschema.validate(got.json(), whole, format_checker=jsonschema.FormatChecker())


def test_pages_of_outages_are_linked_and_hold_each_once(page: Served) -> None:
    whole = page.get(f"{V1}/outages").json()
    seen = []
    for number in range(1, whole["total"] + 1):
        got = page.get(f"{V1}/outages?per_page=1&page={number}")
        assert got.json()["pages"] == whole["total"]
        seen += got.json()["items"]
        links = got.headers["link"]
        assert ('rel="next"' in links) == (number < whole["total"])
        assert ('rel="prev"' in links) == (number > 1)
    assert seen == whole["items"]
    assert page.get(f"{V1}/outages?page=1000").json()["items"] == []


def test_filters_search_and_order(page: Served) -> None:
    def ids(query: str) -> list[int]:
        return [o["id"] for o in page.get(f"{V1}/outages?{query}").json()["items"]]

    assert ids("verdict=noticed") == [1]
    assert ids("verdict=shrugged") == [3, 2]
    assert ids("q=NOBODY") == [2]
    assert ids(f"q={quote('原神')}") == ids("class=game") == [4]
    assert ids("provider=deepseek") == [3, 1, 2]
    assert ids("sort=loudest")[0] == 1
    assert ids("sort=oldest") == [4, 2, 1, 3]


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=x", "per_page=201", "sort=up", "verdict=loud", "class=x", "provider=nobody"],
)
def test_what_cant_be_understood_is_named(page: Served, query: str) -> None:
    got = page.get(f"{V1}/outages?{query}")
    assert got.status == 400
    assert got.headers["content-type"] == "application/problem+json"
    assert query.partition("=")[0] in got.json()["title"]
    assert page.get(f"/en/outages?{query}").status == 400


def test_what_the_reader_has_is_not_sent_again(page: Served) -> None:
    for path in (f"{V1}/outages", "/en/outages", "/feed.atom", "/badge/deepseek.svg"):
        first = page.get(path)
        again = page.get(path, if_none_match=f'"other", W/{first.headers["etag"]}')
        assert (again.status, again.body) == (304, b"")
        assert page.get(path, if_none_match='"other"').body == first.body


def test_every_answer_is_guarded(page: Served) -> None:
    for path in ("/en", f"{V1}/now", "/en/nothing", "/static/page.js", "/en/reports/2026-W16.html"):
        headers = page.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "server" not in headers
    assert "unsafe" not in page.get("/en").headers["content-security-policy"]


def test_it_is_read_only_and_answers_to_its_own_names_only(page: Served) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert page.get(f"{V1}/outages", method=method).status == 405
    assert page.get(f"{V1}/outages", host="evil.example").status == 400
    assert page.get("/", accept_language="zh-CN,en").headers["location"] == "/zh"
    assert page.get("/", accept_language="fr").headers["location"] == "/en"


def test_a_reader_that_asks_too_often_waits_and_no_other_does() -> None:
    application = Starlette(
        routes=[Route("/", lambda _: PlainTextResponse("here"))],
        middleware=[Middleware(Limited, a_minute=5)],
    )
    with time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC), tick=False) as clock:
        greedy, other = (
            TestClient(application, client=(a, 1)) for a in ("203.0.113.5", "2001:db8::1")
        )
        assert [greedy.get("/").status_code for _ in range(7)] == [200] * 5 + [429] * 2
        refused = greedy.get("/")
        assert refused.headers["content-type"] == "application/problem+json"
        assert 0 < int(refused.headers["retry-after"]) <= 60
        assert other.get("/").status_code == 200
        # One network of IPv6 is one reader, whatever address it takes.
        near = TestClient(application, client=("2001:db8::ffff", 1))
        assert [near.get("/").status_code for _ in range(5)] == [200] * 4 + [429]
        clock.shift(timedelta(minutes=2))
        assert greedy.get("/").status_code == 200


def test_the_command_limits_readers(tmp_path: Path) -> None:
    with serve(f"sqlite:///{tmp_path / 's.db'}", tmp_path, "--rate", "40") as page:
        answers = [page.get("/static/page.css").status for _ in range(45)]
    assert answers[0] == 200
    assert answers[-1] == 429


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_feed_tells_verdicts(page: Served, lang: str) -> None:
    feed = feedparser.parse(page.get(f"/feed.atom?lang={lang}").body)
    assert not feed.bozo
    assert feed.version == "atom10"
    names = {"en": "DeepSeek: noticed", "zh": "DeepSeek：引起注意"}
    assert names[lang] in [entry.title for entry in feed.entries]
    assert len({entry.id for entry in feed.entries}) == len(feed.entries) == 3
    assert all(entry.link.startswith(page.base) for entry in feed.entries)
    again = feedparser.parse(page.get(f"/feed.atom?lang={lang}").body)
    assert [e.id for e in again.entries] == [e.id for e in feed.entries]


def test_a_badge_counts_a_providers_verdicts(page: Served) -> None:
    got = page.get("/badge/deepseek.svg")
    root = ElementTree.fromstring(got.text)  # noqa: S314 - our own answer
    assert root.attrib["aria-label"] == "DeepSeek: 3 outages, 2 shrugged off"
    # A badge is for other pages.
    assert got.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "3 次故障，2 次无人在意" in page.get("/badge/deepseek.svg?lang=zh").text
    assert page.get("/badge/nobody.svg").status == 404


CHARTS = ["ranking", "trend", "strips", "timeline/1", "past/1", "board/weibo", "provider/deepseek"]


@pytest.mark.parametrize("path", CHARTS)
def test_a_chart_comes_as_figures_and_as_a_picture(page: Served, path: str) -> None:
    spec = page.get(f"/charts/{path}.json?lang=zh").json()
    assert "vega-lite" in spec["$schema"]
    assert page.get(f"/charts/{path}.svg").text.startswith("<svg")


def test_a_chart_that_is_none_is_not_found(page: Served) -> None:
    for path in ("timeline/99", "timeline/x", "past/", "board/none", "../etc/passwd", "track/1"):
        assert page.get(f"/charts/{path}.json").status == 404
    assert page.get("/charts/ranking.exe").status == 404
    assert page.get("/charts/compare.json?id=1").status == 400


def test_the_week_on_the_page_is_the_file_of_the_command(
    page: Served, tmp_path: Path, run: Any
) -> None:
    folder = tmp_path / "out"
    arguments = ("report", "--week", "2026-W16", "--out", folder, "--database", page.url)
    assert run(*arguments, database=False)[0] == 0
    for form in ("html", "md"):
        for lang in ("en", "zh"):
            written = (folder / f"report.{lang}.{form}").read_bytes()
            assert page.get(f"/{lang}/reports/2026-W16.{form}").body == written
    assert page.get("/en/reports/2026-W16.json").json() == json.loads(
        (folder / "report.json").read_text()
    )
    for week in ("2026-W99", "soon"):
        assert page.get(f"/en/reports/{week}.html").status == 400
    for week in ("1900-W01", "2030-W01"):
        assert page.get(f"/en/reports/{week}.html").status == 404


def test_under_a_proxys_path_every_link_stays_there(filled_url: str, tmp_path: Path) -> None:
    with serve(filled_url, tmp_path, "--at", NOW.isoformat(), "--root-path", "/shrug") as served:
        bare = Served(served.base.removesuffix("/shrug"), filled_url)
        # A proxy takes its own path off before it asks.
        text = bare.get("/en/outages/1").text
        links = set(_links(text))
        assert links
        assert all(link.startswith(("/shrug/", "#", "https://forum", "data:")) for link in links)
        assert bare.get("/").headers["location"] == "/shrug/en"
        assert bare.get(f"{V1}/openapi.json").json()["servers"] == [{"url": "/shrug"}]


def _links(text: str) -> list[str]:
    return re.findall(r'(?:href|src|data-chart)="([^"]+)"', text)


def test_what_comes_in_is_shown_soon(tmp_path: Path, filled_url: str) -> None:
    """An outage that ends while the page is open."""
    source = Path(filled_url.removeprefix("sqlite:///"))
    copy = tmp_path / "store.sqlite3"
    shutil.copy(source, copy)
    url = f"sqlite:///{copy}"
    with serve(url, tmp_path, "--at", NOW.isoformat(), "--every", "1") as served:
        assert [o["id"] for o in served.get(f"{V1}/now").json()["ongoing"]] == [3]
        store = open_store(url)
        with store.reading() as connection:
            origin = ledger.read(connection, provider="deepseek")[-1].origin
        with store.writing() as connection:
            ended = START + timedelta(hours=23, minutes=30)
            ledger.end_others(connection, origin, "deepseek", [], ended)
        store.close()
        wait_for(lambda: served.get(f"{V1}/now").json()["ongoing"] == [], "it has ended")
        assert served.get(f"{V1}/outages/3").json()["end"] == ended.isoformat().replace(
            "+00:00", "Z"
        )
