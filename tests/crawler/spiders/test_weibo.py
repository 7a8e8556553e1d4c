"""Weibo's searches report a dead cookie."""

import pytest

from tests.crawler.spiders.stub_sources import WHEN, address_options
from tests.crawling import covered_spans, crawl
from tests.serving import StubResponse, StubSite

pytestmark = pytest.mark.usefixtures("robots_allowed")


@pytest.mark.parametrize(
    "answer", [StubResponse(b"", 432), StubResponse(b'{"ok": -100, "url": "https://passport"}')]
)
def test_a_dead_cookie_is_reported_at_once(
    site: StubSite, url: str, monkeypatch: pytest.MonkeyPatch, answer: StubResponse
) -> None:
    monkeypatch.setenv("SHRUG_WEIBO_COOKIE", "SUB=secret-cookie")
    site.on("/api/container/getIndex", answer)
    code, said = crawl(url, "weibo_mobile", *WHEN, *address_options(site, "weibo_mobile"))
    assert code == 1
    assert "blocked: the cookie is not accepted: renew SHRUG_WEIBO_COOKIE" in said
    assert "secret-cookie" not in said
    assert any(h.get("Cookie") == "SUB=secret-cookie" for _, _, h in site.requests)
    assert covered_spans(url) == []
