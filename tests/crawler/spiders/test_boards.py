"""Boards of every kind, looked at over real HTTP."""

from collections.abc import Callable

import pytest

from db.crawl import boards
from shrug.store.bootstrap import open_ready_store
from tests.crawling import crawl
from tests.paths import ANSWERS
from tests.serving import QueryParameters, StubResponse, StubSite

BOARDS = {
    "bilibili_words": ("/main/hotword", "hotword.json", ()),
    "bilibili_popular": ("/x/web-interface/popular", "popular.json", ()),
    "tieba_board": ("/hottopic/browse/topicList", "topicList.json", ()),
    "newsnow": ("/api/s", "zhihu.json", ("zhihu",)),
    "rsshub": ("/zhihu/hot", "zhihu_hot.xml", ("zhihu:hot",)),
}


@pytest.fixture(autouse=True)
def _robots(site: StubSite) -> None:
    site.on("/robots.txt", StubResponse(b"User-agent: *\nAllow: /\n"))


def only(query: str, answer: StubResponse) -> Callable[[QueryParameters], StubResponse]:
    return lambda parameters: (
        answer if parameters.get("id", query) == query else StubResponse(b"{}")
    )


@pytest.mark.parametrize("source", BOARDS)
def test_a_board_is_read_and_stored(source: str, site: StubSite, url: str) -> None:
    path, file, asks = BOARDS[source]
    answer = StubResponse((ANSWERS / source / file).read_bytes())
    site.on(path, only("zhihu", answer))
    _, said = crawl(url, source, "--polls", "2", "--address", f"{source}={site.base}")
    name = ":".join((source, *asks))
    with open_ready_store(url) as store, store.reading() as connection:
        titles = boards.titles(connection, name)
    assert any("DeepSeek" in title for title in titles), said
    assert site.paths().count(path) >= 2


def test_the_board_page_is_read_with_the_users_cookie_if_visitors_are_refused(
    site: StubSite, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.on("/ajax/side/hotSearch", StubResponse(b"no", 403))
    site.on("/top/summary", StubResponse((ANSWERS / "weibo_summary" / "summary.html").read_bytes()))
    at = ("--address", f"weibo_board={site.base}")
    assert crawl(url, "weibo_board", *at)[0] == 1
    assert "/top/summary" not in site.paths()
    monkeypatch.setenv("SHRUG_WEIBO_COOKIE", "SUB=secret-cookie")
    code, said = crawl(url, "weibo_board", *at)
    assert code == 1
    assert "blocked: HTTP 403" in said
    assert "secret-cookie" not in said
    with open_ready_store(url) as store, store.reading() as connection:
        assert "DeepSeek崩了" in boards.titles(connection, "weibo")
    cookies = [h.get("Cookie") for path, _, h in site.requests if path == "/top/summary"]
    assert cookies == ["SUB=secret-cookie"]
