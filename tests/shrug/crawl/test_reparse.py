"""Stored responses are read again by corrected readers."""

import json

import pytest

from crawler.parsing import Read
from crawler.spiders import sov2ex
from db.core.records import RawPost, Span
from tests.conftest import Run
from tests.crawler.spiders.stub_sources import WHEN, address_options, as_json
from tests.crawling import SINCE, UNTIL, count_posts, covered_spans, crawl
from tests.serving import StubSite

pytestmark = pytest.mark.usefixtures("robots_allowed")


def test_a_response_of_unknown_form_is_stored_and_reread_by_a_corrected_reader(
    site: StubSite, url: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = {"id": 7, "title": "DeepSeek 挂了", "created": "2026-08-01T10:00:00"}
    there = {"total": 1, "results": [{"_source": topic}]}  # it was `hits` once
    control = {"total": 1, "hits": [{"_source": topic}]}
    site.on("/api/search", lambda q: as_json(control if q["q"] == "问题" else there))
    code, said = crawl(url, "sov2ex", *WHEN, *address_options(site, "sov2ex"))
    assert code == 1
    assert "sov2ex DeepSeek: unreadable: sov2ex: hits (list) was due" in said
    assert covered_spans(url) == []
    assert run("doctor", "--json")[0] == 1
    ill = {s["source"]: s for s in json.loads(run("doctor", "--json")[1])["sources"]}["sov2ex"]
    assert (ill["state"], ill["posts"]) == ("unreadable", 0)
    assert run("reread")[0] == 1  # today's reader is still the old one

    def corrected(body: bytes) -> Read[RawPost]:
        return sov2ex.read_posts(body.replace(b"results", b"hits"))

    monkeypatch.setattr(sov2ex.SoV2ex, "read", staticmethod(corrected))
    site.requests.clear()
    code, out, said = run("reread", "sov2ex")
    assert (code, count_posts(url, "sov2ex")) == (0, 1), said
    assert "1 responses parsed again: 1 new posts" in out
    assert site.requests == []
    assert covered_spans(url) == [(Span(SINCE, UNTIL), False)]
    assert run("reread")[1].startswith("0 responses parsed again")


def test_a_response_to_a_cookie_is_reread_without_one(
    site: StubSite, url: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    mblog = {"id": 1, "text": "DeepSeek崩了", "created_at": "Sun Aug 02 10:00:00 +0800 2026"}
    page = {"ok": 1, "data": {"cards": [{"card_type": 9, "mblog": mblog}]}}
    empty = {"ok": 1, "data": {"cards": []}}
    site.on("/api/container/getIndex", lambda q: as_json(page if q["page"] == "1" else empty))
    monkeypatch.setenv("SHRUG_WEIBO_COOKIE", "SUB=secret-cookie")
    code, said = crawl(url, "weibo_mobile", *WHEN, *address_options(site, "weibo_mobile"))
    assert (code, count_posts(url, "weibo_mobile")) == (0, 1), said
    monkeypatch.delenv("SHRUG_WEIBO_COOKIE")
    code, _, said = run("reread", "--all")
    assert code == 0, said
