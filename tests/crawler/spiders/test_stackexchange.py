"""Stack Exchange's pauses and quota are respected."""

import time

import pytest

from tests.crawler.spiders.stub_sources import WHEN, address_options, as_json
from tests.crawling import SINCE, count_posts, crawl
from tests.serving import QueryParameters, StubResponse, StubSite

pytestmark = pytest.mark.usefixtures("robots_allowed")


def test_a_pause_that_a_response_asks_for_is_respected(site: StubSite, url: str) -> None:
    request_times: list[float] = []

    def questions(query: QueryParameters) -> StubResponse:
        request_times.append(time.monotonic())
        number = int(query["page"])
        items = [{"question_id": number, "title": "DeepSeek", "creation_date": SINCE.timestamp()}]
        more = number < 2 and query["q"] != "python"
        return as_json({"items": items, "has_more": more, **({"backoff": 2} if more else {})})

    site.on("/2.3/search/advanced", questions)
    code, said = crawl(url, "stackexchange", *WHEN, *address_options(site, "stackexchange"))
    assert (code, count_posts(url, "stackexchange")) == (0, 2), said
    assert request_times[2] - request_times[1] >= 1.9


def test_a_used_up_quota_is_blocked_and_a_key_is_never_shown(
    site: StubSite, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHRUG_STACKEXCHANGE_KEY", "very-secret")
    body = b'{"error_id": 502, "error_name": "throttle_violation"}'
    site.on("/2.3/search/advanced", StubResponse(body, 400))
    code, said = crawl(url, "stackexchange", *WHEN, *address_options(site, "stackexchange"))
    assert code == 1
    assert "blocked: the day's quota is used up" in said
    assert any(query.get("key") == "very-secret" for _, query, _ in site.requests)
    assert "very-secret" not in said
