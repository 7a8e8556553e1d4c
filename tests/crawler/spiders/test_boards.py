"""Boards of every kind, looked at over real HTTP."""

from collections.abc import Callable

import pytest

from db.crawl import boards
from shrug.store.bootstrap import opened
from tests.crawling import crawl
from tests.paths import ANSWERS
from tests.serving import Answer, Query, Site

BOARDS = {
    "bilibili_words": ("/main/hotword", "hotword.json", ()),
    "bilibili_popular": ("/x/web-interface/popular", "popular.json", ()),
    "tieba_board": ("/hottopic/browse/topicList", "topicList.json", ()),
    "newsnow": ("/api/s", "zhihu.json", ("zhihu",)),
    "rsshub": ("/zhihu/hot", "zhihu_hot.xml", ("zhihu:hot",)),
}


@pytest.fixture(autouse=True)
def _robots(site: Site) -> None:
    site.on("/robots.txt", Answer(b"User-agent: *\nAllow: /\n"))


def only(query: str, answer: Answer) -> Callable[[Query], Answer]:
    return lambda asked: answer if asked.get("id", query) == query else Answer(b"{}")


@pytest.mark.parametrize("source", BOARDS)
def test_a_board_is_looked_at_and_kept(source: str, site: Site, url: str) -> None:
    path, file, asks = BOARDS[source]
    answer = Answer((ANSWERS / source / file).read_bytes())
    site.on(path, only("zhihu", answer))
    _, said = crawl(url, source, "--polls", "2", "--address", f"{source}={site.base}")
    name = ":".join((source, *asks))
    with opened(url) as store, store.reading() as connection:
        titles = boards.titles(connection, name)
    assert any("DeepSeek" in title for title in titles), said
    assert site.paths().count(path) >= 2


def test_where_visitors_are_turned_away_the_users_cookie_opens_the_page_of_the_board(
    site: Site, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.on("/ajax/side/hotSearch", Answer(b"no", 403))
    site.on("/top/summary", Answer((ANSWERS / "weibo_summary" / "summary.html").read_bytes()))
    at = ("--address", f"weibo_board={site.base}")
    assert crawl(url, "weibo_board", *at)[0] == 1
    assert "/top/summary" not in site.paths()
    monkeypatch.setenv("SHRUG_WEIBO_COOKIE", "SUB=secret-cookie")
    code, said = crawl(url, "weibo_board", *at)
    assert code == 1
    assert "blocked: HTTP 403" in said
    assert "secret-cookie" not in said
    with opened(url) as store, store.reading() as connection:
        assert "DeepSeek崩了" in boards.titles(connection, "weibo")
    cookies = [h.get("Cookie") for path, _, h in site.asked if path == "/top/summary"]
    assert cookies == ["SUB=secret-cookie"]
