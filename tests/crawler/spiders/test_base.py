"""Sources that page, go backward, ask for a token or a cookie, and answer a control first."""

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from db import catalog
from db.core.records import Span
from db.crawl import coverage, responses, runs
from shrug.store.bootstrap import opened
from tests.conftest import Run
from tests.crawling import SINCE, UNTIL, covered, crawl, kept
from tests.serving import Answer, Query, Site

HOUR = timedelta(hours=1)
WHEN = ("--since", SINCE.isoformat(), "--until", UNTIL.isoformat(), "--provider", "deepseek")


@pytest.fixture(autouse=True)
def _robots(site: Site) -> None:
    site.on("/robots.txt", Answer(b"User-agent: *\nAllow: /\n"))


def at(site: Site, source: str) -> tuple[str, str]:
    return "--address", f"{source}={site.base}"


def as_json(value: object) -> Answer:
    return Answer(json.dumps(value).encode())


def spread(number: int, start: datetime = SINCE, end: datetime = UNTIL) -> list[datetime]:
    return [start + i * (end - start) / number for i in range(number)]


def github(times: list[datetime], reachable: int = 1000) -> Callable[[Query], Answer]:
    def answer(query: Query) -> Answer:
        first, last = re.findall(r"(\S+)\.\.(\S+)", query["q"].replace("created:", ""))[0]
        since, until = datetime.fromisoformat(first), datetime.fromisoformat(last)
        found = [(n, t) for n, t in enumerate(times) if since <= t <= until][::-1]
        start = (int(query["page"]) - 1) * 100
        items = [
            {
                "id": n,
                "title": f"DeepSeek {n}",
                "created_at": t.isoformat(),
                "html_url": f"https://github.example/{n}",
                "user": {"login": "someone"},
            }
            for n, t in found[:reachable][start : start + 100]
        ]
        total = {"total_count": len(found), "incomplete_results": False}
        return as_json({**total, "items": items})

    return answer


def test_pages_are_followed_and_a_search_over_its_cap_is_halved(site: Site, url: str) -> None:
    site.on("/search/issues", github(spread(1500)))
    code, said = crawl(url, "github", *WHEN, *at(site, "github"))
    assert (code, kept(url, "github")) == (0, 1500), said
    assert covered(url) == [(Span(SINCE, UNTIL), False)]
    queries = [query["q"] for path, query, _ in site.asked if path == "/search/issues"]
    assert queries[0].startswith('"error" created:')  # the control goes first
    assert len(queries) < 25


def test_a_search_that_is_cut_short_is_never_taken_for_whole(site: Site, url: str) -> None:
    def cut(query: Query) -> Answer:
        found = json.loads(github(spread(30))(query).body)
        return as_json({**found, "incomplete_results": True})

    site.on("/search/issues", cut)
    until = SINCE + timedelta(minutes=2)
    when = ("--since", SINCE.isoformat(), "--until", until.isoformat(), "--provider", "deepseek")
    code, said = crawl(url, "github", *when, *at(site, "github"))
    assert code == 1
    assert "capped" in said
    assert {capped for _, capped in covered(url)} == {True}


def test_nothing_is_asked_where_the_control_finds_nothing(site: Site, url: str) -> None:
    site.on("/search/issues", as_json({"total_count": 0, "items": []}))
    code, said = crawl(url, "github", *WHEN, *at(site, "github"))
    assert code == 1
    assert "empty: the control query found nothing either" in said
    assert site.paths().count("/search/issues") == 1
    assert covered(url) == []


def test_a_control_that_is_turned_away_is_no_source_that_is_well(
    site: Site, url: str, run: Run
) -> None:
    site.on("/search/issues", Answer(b"no", 403))
    assert crawl(url, "github", *WHEN, *at(site, "github"))[0] == 1
    ill = {s["source"]: s for s in json.loads(run("doctor", "--json")[1])["sources"]}["github"]
    assert (ill["state"], ill["why"]) == ("blocked", "HTTP 403")


def test_a_pause_that_an_answer_asks_for_is_kept(site: Site, url: str) -> None:
    asked: list[float] = []

    def questions(query: Query) -> Answer:
        asked.append(time.monotonic())
        number = int(query["page"])
        items = [{"question_id": number, "title": "DeepSeek", "creation_date": SINCE.timestamp()}]
        more = number < 2 and query["q"] != "python"
        return as_json({"items": items, "has_more": more, **({"backoff": 2} if more else {})})

    site.on("/2.3/search/advanced", questions)
    code, said = crawl(url, "stackexchange", *WHEN, *at(site, "stackexchange"))
    assert (code, kept(url, "stackexchange")) == (0, 2), said
    assert asked[2] - asked[1] >= 1.9


def test_a_used_up_quota_is_blocked_and_a_key_is_never_shown(
    site: Site, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHRUG_STACKEXCHANGE_KEY", "very-secret")
    body = b'{"error_id": 502, "error_name": "throttle_violation"}'
    site.on("/2.3/search/advanced", Answer(body, 400))
    code, said = crawl(url, "stackexchange", *WHEN, *at(site, "stackexchange"))
    assert code == 1
    assert "blocked: the day's quota is used up" in said
    assert any(query.get("key") == "very-secret" for _, query, _ in site.asked)
    assert "very-secret" not in said


def channel(ids: range) -> Callable[[Query], Answer]:
    """A channel with a message an hour, twenty a page."""

    def page(query: Query) -> Answer:
        shown = [i for i in ids if i < int(query.get("before", 10**9))][-20:]
        messages = "".join(
            '<div class="tgme_widget_message_wrap">'
            f'<div class="tgme_widget_message" data-post="example/{i}">'
            f'<div class="tgme_widget_message_text">DeepSeek {i}</div>'
            f'<time datetime="{(SINCE + i * HOUR).isoformat()}"></time></div></div>'
            for i in shown
        )
        return Answer(f'<div class="tgme_channel_info"></div>{messages}'.encode())

    return page


def test_going_backward_ends_where_the_last_visit_did(site: Site, url: str) -> None:
    arguments = ("telegram", "--ask", "telegram=example", *at(site, "telegram"))
    site.on("/s/example", channel(range(2, 30)))
    until = SINCE + 30 * HOUR
    code, said = crawl(url, *arguments, "--until", until.isoformat())
    assert code == 0, said
    # It reached the channel's first message, and knows of nothing before.
    assert covered(url) == [(Span(SINCE + 2 * HOUR, until), False)]
    site.asked.clear()
    site.on("/s/example", channel(range(2, 47)))
    code, said = crawl(url, *arguments, "--until", (SINCE + 47 * HOUR).isoformat())
    assert code == 0, said
    assert site.paths().count("/s/example") == 1
    assert covered(url) == [(Span(SINCE + 2 * HOUR, SINCE + 47 * HOUR), False)]
    assert kept(url, "telegram:example") == 45


def test_what_a_source_no_longer_gives_is_a_gap(site: Site, url: str) -> None:
    site.on("/s/example", channel(range(5)))
    arguments = ("telegram", "--ask", "telegram=example", *at(site, "telegram"))
    crawl(url, *arguments, "--until", (SINCE + 5 * HOUR).isoformat())
    # Messages 5 to 19 were dropped before anybody came back for them.
    site.on("/s/example", channel(range(20, 40)))
    crawl(url, *arguments, "--until", (SINCE + 40 * HOUR).isoformat())
    assert [span for span, _ in covered(url)] == [
        Span(SINCE, SINCE + 5 * HOUR),
        Span(SINCE + 20 * HOUR, SINCE + 40 * HOUR),
    ]


def lemmy(number: int) -> dict[str, object]:
    def view(n: int) -> dict[str, object]:
        when = (SINCE + n * HOUR).isoformat()
        post = {"name": f"DeepSeek {n}", "published_at": when, "ap_id": f"https://l.example/{n}"}
        return {"post": post, "creator": {}}

    return {"posts": [view(n) for n in range(number)], "comments": []}


def test_an_instance_without_v4_is_asked_for_v3(site: Site, url: str) -> None:
    def old(query: Query) -> Answer:
        assert query["q"] in {"DeepSeek", "the"}
        return as_json(lemmy(3) if query["page"] == "1" else lemmy(0))

    site.on("/api/v3/search", old)
    code, said = crawl(url, "lemmy", *WHEN, *at(site, "lemmy"))
    assert (code, kept(url, "lemmy")) == (0, 3), said
    assert "/api/v4/search" in site.paths()
    # v3 knows no window: what its pages reach back to is what was read.
    assert covered(url) == [(Span(SINCE, UNTIL), False)]


def test_a_whole_answer_for_a_time_covers_it_even_where_it_is_empty(site: Site, url: str) -> None:
    site.on("/api/v4/search", lambda q: as_json(lemmy(2 if q["search_term"] == "the" else 0)))
    code, said = crawl(url, "lemmy", *WHEN, *at(site, "lemmy"))
    assert (code, kept(url, "lemmy")) == (0, 0), said
    assert covered(url) == [(Span(SINCE, UNTIL), False)]


def test_a_session_is_opened_first_and_leaves_no_trace(
    site: Site, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHRUG_BLUESKY_IDENTIFIER", "someone.example")
    monkeypatch.setenv("SHRUG_BLUESKY_PASSWORD", "app-pass-word")
    site.on("/xrpc/com.atproto.server.createSession", as_json({"accessJwt": "the-token"}))
    post = {
        "uri": "at://did:plc:a/app.bsky.feed.post/1",
        "author": {"did": "did:plc:a"},
        "record": {"text": "DeepSeek is down", "createdAt": SINCE.isoformat()},
        "indexedAt": SINCE.isoformat(),
    }
    site.on("/xrpc/app.bsky.feed.searchPosts", as_json({"posts": [post]}))
    code, said = crawl(url, "bluesky", *WHEN, *at(site, "bluesky"))
    assert (code, kept(url, "bluesky")) == (0, 1), said
    assert json.loads(site.posted[0]) == {
        "identifier": "someone.example",
        "password": "app-pass-word",
    }
    searched = [h for path, _, h in site.asked if path.endswith("searchPosts")]
    assert {h["Authorization"] for h in searched} == {"Bearer the-token"}
    with opened(url) as store, store.reading() as connection:
        ids = responses.ids(connection, [], changed=False)
        everything = [responses.read(connection, id_) for id_ in ids]
    assert len(everything) == 2
    assert not any(s in repr(everything) for s in ("the-token", "app-pass-word"))
    site.on("/xrpc/com.atproto.server.createSession", Answer(b'{"password": "app-pass-word"}', 401))
    code, said = crawl(url, "bluesky", *WHEN, *at(site, "bluesky"))
    assert code == 1
    assert "blocked: name or password are not accepted" in said
    assert "app-pass-word" not in said


def test_a_source_that_needs_a_key_says_which(url: str) -> None:
    code, said = crawl(url, "weibo_mobile", "--provider", "deepseek")
    assert code == 2
    assert "weibo_mobile needs SHRUG_WEIBO_COOKIE in the environment" in said


@pytest.mark.parametrize(
    "answer", [Answer(b"", 432), Answer(b'{"ok": -100, "url": "https://passport"}')]
)
def test_a_dead_cookie_is_told_at_once(
    site: Site, url: str, monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    monkeypatch.setenv("SHRUG_WEIBO_COOKIE", "SUB=secret-cookie")
    site.on("/api/container/getIndex", answer)
    code, said = crawl(url, "weibo_mobile", *WHEN, *at(site, "weibo_mobile"))
    assert code == 1
    assert "blocked: the cookie is not accepted: renew SHRUG_WEIBO_COOKIE" in said
    assert "secret-cookie" not in said
    assert any(h.get("Cookie") == "SUB=secret-cookie" for _, _, h in site.asked)
    assert covered(url) == []


def test_many_names_are_asked_for_in_few_queries(site: Site, url: str) -> None:
    item = "<item><title>DeepSeek</title><guid>1</guid><pubDate>Sat, 01 Aug 2026 10:00:00 GMT"
    body = f'<rss version="2.0"><channel>{item}</pubDate></item></channel></rss>'
    site.on("/rss/search", Answer(body.encode()))
    names = ("deepseek", "openai", "anthropic", "kimi", "doubao", "qwen", "gemini")
    options = [part for name in names for part in ("--provider", name)]
    code, said = crawl(url, "google_news", *options, *at(site, "google_news"))
    assert code == 0, said
    queries = [query["q"] for path, query, _ in site.asked if path == "/rss/search"]
    assert [q.count(" OR ") for q in queries] == [5, 0]
    with opened(url) as store, store.reading() as connection:
        now = datetime.now(UTC)
        read = {
            name: len(coverage.read(connection, name, now - timedelta(days=900), now))
            for name in map(catalog.provider_key, names)
        }
    assert set(read.values()) == {1}


def test_a_form_that_changed_is_kept_aside_told_and_read_again_by_a_mended_reader(
    site: Site, url: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crawler.spiders import sov2ex

    topic = {"id": 7, "title": "DeepSeek 挂了", "created": "2026-08-01T10:00:00"}
    there = {"total": 1, "results": [{"_source": topic}]}  # it was `hits` once
    control = {"total": 1, "hits": [{"_source": topic}]}
    site.on("/api/search", lambda q: as_json(control if q["q"] == "问题" else there))
    code, said = crawl(url, "sov2ex", *WHEN, *at(site, "sov2ex"))
    assert code == 1
    assert "sov2ex DeepSeek: unreadable: sov2ex: hits (list) was due" in said
    assert covered(url) == []
    assert run("doctor", "--json")[0] == 1
    ill = {s["source"]: s for s in json.loads(run("doctor", "--json")[1])["sources"]}["sov2ex"]
    assert (ill["state"], ill["posts"]) == ("unreadable", 0)
    assert run("reread")[0] == 1  # today's reader is still the old one
    before = sov2ex.read
    monkeypatch.setattr(sov2ex, "read", lambda body: before(body.replace(b"results", b"hits")))
    site.asked.clear()
    code, out, said = run("reread", "sov2ex")
    assert (code, kept(url, "sov2ex")) == (0, 1), said
    assert "1 answers read again: 1 new posts" in out
    assert site.asked == []
    assert covered(url) == [(Span(SINCE, UNTIL), False)]
    assert run("reread")[1].startswith("0 answers read again")


def test_every_query_leaves_a_receipt(site: Site, url: str) -> None:
    site.on("/search/issues", github(spread(150)))
    crawl(url, "github", *WHEN, *at(site, "github"))
    site.on("/search/issues", Answer(b"no", 403))
    crawl(url, "github", "--until", UNTIL.isoformat(), "--provider", "kimi", *at(site, "github"))
    with opened(url) as store, store.reading() as connection:
        found = {r.query: r for r in runs.latest(connection)}
    whole = found["DeepSeek"]
    assert whole.ended_at is not None
    assert (whole.outcome.answers, whole.outcome.posts, whole.outcome.kind) == (2, 150, None)
    assert found["Kimi"].outcome.posts == 0


def test_an_answer_had_with_a_cookie_is_read_again_without_one(
    site: Site, url: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    mblog = {"id": 1, "text": "DeepSeek崩了", "created_at": "Sun Aug 02 10:00:00 +0800 2026"}
    page = {"ok": 1, "data": {"cards": [{"card_type": 9, "mblog": mblog}]}}
    empty = {"ok": 1, "data": {"cards": []}}
    site.on("/api/container/getIndex", lambda q: as_json(page if q["page"] == "1" else empty))
    monkeypatch.setenv("SHRUG_WEIBO_COOKIE", "SUB=secret-cookie")
    code, said = crawl(url, "weibo_mobile", *WHEN, *at(site, "weibo_mobile"))
    assert (code, kept(url, "weibo_mobile")) == (0, 1), said
    monkeypatch.delenv("SHRUG_WEIBO_COOKIE")
    code, _, said = run("reread", "--all")
    assert code == 0, said
