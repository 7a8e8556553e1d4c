"""The spiders over real HTTP: paging, caps, cursors, coverage, manners, and bad answers."""

import gzip
import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import urlsplit

import pytest

from db import catalog
from db.core.records import Span
from db.crawl import boards, outages
from shrug.store.bootstrap import opened
from tests.crawling import SINCE, UNTIL, covered, crawl, kept
from tests.serving import Answer, Query, Site, serving

PATH = "/api/v1/search_by_date"
ALLOW = Answer(b"User-agent: *\nAllow: /\n")
WHEN = ("--since", SINCE.isoformat(), "--until", UNTIL.isoformat(), "--provider", "deepseek")


@pytest.fixture(autouse=True)
def _robots(site: Site) -> None:
    site.on("/robots.txt", ALLOW)


def algolia(times: list[datetime]) -> Callable[[Query], Answer]:
    """Answers as Algolia does: the newest 1,000 of a window at most, and how many there are."""

    def answer(query: Query) -> Answer:
        since, until = map(int, re.findall(r"created_at_i[<>]=?(\d+)", query["numericFilters"]))
        found = [(n, t) for n, t in enumerate(times) if since <= t.timestamp() < until][::-1]
        hits = [
            {
                "objectID": str(n),
                "created_at_i": int(t.timestamp()),
                "comment_text": f"DeepSeek {n}",
                "author": "someone",
            }
            for n, t in found[:1000]
        ]
        return Answer(json.dumps({"hits": hits, "nbHits": len(found)}).encode())

    return answer


def searched(site: Site, answer: Answer | Callable[[Query], Answer]) -> None:
    """What the search answers to a provider's name; the control's common word is always found."""
    control = catalog.sources()["hackernews"].control

    def route(query: Query) -> Answer:
        if query.get("query") == control:
            return algolia(spread(5))(query)
        return answer(query) if callable(answer) else answer

    site.on(PATH, route)


def spread(number: int, start: datetime = SINCE, end: datetime = UNTIL) -> list[datetime]:
    step = (end - start) / number
    return [start + i * step for i in range(number)]


def test_a_window_over_the_cap_is_halved_and_all_is_read(site: Site, url: str) -> None:
    searched(site, algolia(spread(2500)))
    code, said = crawl(url, "hackernews", *WHEN, "--address", f"hackernews={site.base}")
    assert (code, kept(url, "hackernews")) == (0, 2500), said
    assert covered(url) == [(Span(SINCE, UNTIL), False)]


def test_a_minute_over_the_cap_is_marked_as_capped(site: Site, url: str) -> None:
    minute = SINCE + timedelta(hours=20)
    searched(site, algolia(spread(1500, minute, minute + timedelta(seconds=5))))
    code, said = crawl(url, "hackernews", *WHEN, "--address", f"hackernews={site.base}")
    assert code == 1
    assert "hackernews DeepSeek: capped: 1500 posts" in said
    capped = [span for span, cut in covered(url) if cut]
    assert capped
    assert all(span.end - span.start < timedelta(minutes=2) for span in capped)
    assert 0 < kept(url, "hackernews") <= 1500


def test_the_next_crawl_goes_on_where_the_last_one_stopped(site: Site, url: str) -> None:
    searched(site, algolia(spread(50)))
    first = ("--until", (UNTIL - timedelta(days=1)).isoformat(), "--provider", "deepseek")
    address = ("--address", f"hackernews={site.base}")
    crawl(url, "hackernews", *first, *address)
    site.asked.clear()
    crawl(url, "hackernews", "--until", UNTIL.isoformat(), "--provider", "deepseek", *address)
    asked = next(query for path, query, _ in site.asked if query.get("query") == "DeepSeek")
    since = int(re.findall(r">=(\d+)", asked["numericFilters"])[0])
    assert datetime.fromtimestamp(since, UTC) == UNTIL - timedelta(days=1, minutes=15)
    assert kept(url, "hackernews") == 50
    # The first crawl of a source reaches back a week.
    assert covered(url) == [(Span(UNTIL - timedelta(days=8), UNTIL), False)]


def statuses(number: int) -> list[dict[str, object]]:
    made: list[dict[str, object]] = []
    for n, at in enumerate(spread(number)):
        id_ = (int(at.timestamp() * 1000) << 16) + n
        made.append(
            {
                "id": str(id_),
                "uri": f"https://a.example/{id_}",
                "created_at": at.isoformat(),
                "content": f"<p>DeepSeek {n}</p>",
                "account": {"acct": "someone"},
            }
        )
    return made


def timeline(made: list[dict[str, object]]) -> Callable[[Query], Answer]:
    def answer(query: Query) -> Answer:
        after = [s for s in made if int(str(s["id"])) > int(query["min_id"])]
        return Answer(json.dumps(after[: int(query["limit"])][::-1]).encode())

    return answer


def test_a_timeline_is_read_page_by_page_up_to_the_end_asked_for(site: Site, url: str) -> None:
    site.on("/api/v1/timelines/tag/deepseek", timeline(statuses(230)))
    until = SINCE + timedelta(days=1)
    arguments = ("--since", SINCE.isoformat(), "--provider", "deepseek")
    address = ("--address", f"mastodon={site.base}")
    code, said = crawl(url, "mastodon", *arguments, *address, "--until", until.isoformat())
    assert (code, kept(url, "mastodon")) == (0, 115), said
    assert covered(url) == [(Span(SINCE, until), False)]
    code, _ = crawl(url, "mastodon", *address, "--until", UNTIL.isoformat(), *arguments[2:])
    assert (code, kept(url, "mastodon")) == (0, 230)
    assert covered(url) == [(Span(SINCE, UNTIL), False)]


def test_an_empty_timeline_that_never_held_a_post_covers_nothing(site: Site, url: str) -> None:
    site.on("/api/v1/timelines/tag/deepseek", Answer(b"[]"))
    code, said = crawl(url, "mastodon", *WHEN, "--address", f"mastodon={site.base}")
    assert code == 1
    assert "empty" in said
    assert covered(url) == []


def feed(hours: range) -> Answer:
    items = "".join(
        f"<item><title>DeepSeek {h}</title><guid>{h}</guid>"
        f"<pubDate>{format_datetime(SINCE + timedelta(hours=h))}</pubDate></item>"
        for h in hours
    )
    return Answer(f'<rss version="2.0"><channel><title>n</title>{items}</channel></rss>'.encode())


def test_a_feed_covers_only_as_far_back_as_it_reaches(site: Site, url: str) -> None:
    address = ("--address", f"feed={site.base}/feed.xml")
    for hours in (range(5, 10), range(8, 14), range(30, 40)):
        site.on("/feed.xml", feed(hours))
        until = SINCE + timedelta(hours=hours[-1] + 1)
        code, said = crawl(url, "feed", *address, "--until", until.isoformat())
        assert code == 0, said
    spans = [
        ((s.start - SINCE) / timedelta(hours=1), (s.end - SINCE) / timedelta(hours=1))
        for s, _ in covered(url)
    ]
    assert spans == [(5, 14), (30, 40)]
    assert kept(url, "feed") == 19


def test_a_board_and_a_status_page_are_read(site: Site, url: str) -> None:
    rows = [{"word": "DeepSeek崩了", "num": 500, "realpos": 1}, {"word": "别的", "num": 90}]
    site.on(
        "/ajax/side/hotSearch", Answer(json.dumps({"ok": 1, "data": {"realtime": rows}}).encode())
    )
    incident = {
        "id": "abc",
        "name": "API down",
        "impact": "major",
        "status": "resolved",
        "created_at": "2026-08-01T10:00:00Z",
        "resolved_at": "2026-08-01T11:00:00Z",
    }
    site.on("/api/v2/incidents.json", Answer(json.dumps({"incidents": [incident]}).encode()))
    site.on("/api/v2/scheduled-maintenances.json", Answer(b'{"scheduled_maintenances": []}'))
    addresses = (f"weibo_board={site.base}", f"statuspage:kimi={site.base}")
    options = [part for address in addresses for part in ("--address", address)]
    code, said = crawl(url, "weibo_board", "statuspage", "--provider", "kimi", *options)
    assert code == 0, said
    with opened(url) as store, store.reading() as connection:
        assert boards.size(connection, "weibo") == (1, 2)
        known = outages.read(connection)
    assert sorted((o.origin, o.provider, o.confirmed) for o in known) == [
        ("board", "deepseek", False),
        ("statuspage", "kimi", True),
    ]


BOMB = gzip.compress(b"0" * 60_000_000)
BAD_ANSWERS = {
    "blocked": (Answer(b"no", 403), "blocked"),
    "cookie wall": (Answer(b"no", 432), "blocked"),
    "gone": (Answer(b"no", 410), "moved"),
    "html for json": (Answer(b"<html>log in</html>"), "unreadable"),
    "empty": (Answer(b""), "unreadable"),
    "another form": (Answer(b'{"hits": {}}'), "unreadable"),
    "zip bomb": (Answer(BOMB, headers={"Content-Encoding": "gzip"}), "unreadable"),
    "broken gzip": (Answer(b"\x1f\x8bnot gzip", headers={"Content-Encoding": "gzip"}), "un"),
    "server error": (Answer(b"oops", 500), "unreachable"),
    "a year's wait": (Answer(b"slow down", 429, {"Retry-After": "31536000"}), "blocked"),
}


@pytest.mark.parametrize("name", BAD_ANSWERS)
def test_a_bad_answer_costs_its_page_is_named_and_covers_nothing(
    site: Site, url: str, name: str
) -> None:
    answer, kind = BAD_ANSWERS[name]
    searched(site, answer)
    site.on("/feed.xml", feed(range(3)))
    addresses = ("--address", f"hackernews={site.base}", "--address", f"feed={site.base}/feed.xml")
    code, said = crawl(url, "hackernews", "feed", *WHEN, *addresses)
    assert code == 1
    assert f"hackernews DeepSeek: {kind}" in said
    assert "Traceback" not in said
    assert kept(url, "feed") == 3
    assert [span.end for span, _ in covered(url)] == [UNTIL]  # the feed's own


def test_a_redirect_to_another_host_is_moved(site: Site, url: str) -> None:
    elsewhere = site.base.replace("127.0.0.1", "localhost")
    searched(site, Answer(b"", 301, {"Location": f"{elsewhere}/other"}))
    site.on("/other", Answer(b'{"hits": [], "nbHits": 0}'))
    # Named as well, since it stands inside our own network.
    both = ("--address", f"hackernews={site.base}", "--address", f"lemmy={elsewhere}")
    code, said = crawl(url, "hackernews", *WHEN, *both)
    assert code == 1
    assert "moved" in said
    assert covered(url) == []


INSIDE = (
    "http://127.0.0.1:{port}/",
    "http://localhost:{port}/",
    "http://[::1]:{port}/",
    "http://169.254.169.254/latest/meta-data/",
    "http://10.0.0.1/",
    "http://0.0.0.0:{port}/",
    "http://2130706433:{port}/",
)


@pytest.mark.parametrize("address", INSIDE)
def test_no_redirect_leads_into_the_readers_own_network(site: Site, url: str, address: str) -> None:
    """A server that the user named may stand on loopback; where it points to may not."""
    with serving() as other:
        other.on("/", Answer(b"inside"))
        to = address.format(port=urlsplit(other.base).port)
        searched(site, Answer(b"", 302, {"Location": to}))
        code, said = crawl(url, "hackernews", *WHEN, "--address", f"hackernews={site.base}")
        assert code == 1
        assert "inside this network: not asked" in said
        assert other.asked == []
    assert covered(url) == []


def test_endless_redirects_end(site: Site, url: str) -> None:
    searched(site, Answer(b"", 302, {"Location": PATH + "?again"}))
    code, said = crawl(url, "hackernews", *WHEN, "--address", f"hackernews={site.base}")
    assert code == 1
    assert "hackernews DeepSeek: " in said
    assert len(site.asked) < 12


def test_robots_txt_is_kept(site: Site, url: str) -> None:
    site.on("/robots.txt", Answer(b"User-agent: *\nDisallow: /\n"))
    searched(site, algolia(spread(5)))
    code, said = crawl(url, "hackernews", *WHEN, "--address", f"hackernews={site.base}")
    assert code == 1
    assert "blocked" in said
    assert PATH not in site.paths()


def test_retry_after_is_waited_for(site: Site, url: str) -> None:
    asked: list[float] = []

    def busy_once(query: Query) -> Answer:
        asked.append(time.monotonic())
        if len(asked) == 1:
            return Answer(b"", 429, {"Retry-After": "2"})
        return algolia(spread(5))(query)

    searched(site, busy_once)
    code, said = crawl(url, "hackernews", *WHEN, "--address", f"hackernews={site.base}")
    assert (code, kept(url, "hackernews")) == (0, 5), said
    assert asked[1] - asked[0] >= 1.9


def test_the_user_agent_says_who_asks(
    site: Site, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHRUG_CONTACT", "desk@newsroom.example")
    searched(site, algolia([]))
    crawl(url, "hackernews", *WHEN, "--address", f"hackernews={site.base}")
    agents = {headers["User-Agent"] for _, _, headers in site.asked}
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
