"""Session tokens are requested first, and never stored or shown."""

import json

import pytest

from db.crawl import responses
from shrug.store.bootstrap import open_ready_store
from tests.crawler.spiders.stub_sources import WHEN, address_options, as_json
from tests.crawling import SINCE, count_posts, crawl
from tests.serving import StubResponse, StubSite

pytestmark = pytest.mark.usefixtures("robots_allowed")


def test_a_session_token_is_requested_first_and_never_stored(
    site: StubSite, url: str, monkeypatch: pytest.MonkeyPatch
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
    code, said = crawl(url, "bluesky", *WHEN, *address_options(site, "bluesky"))
    assert (code, count_posts(url, "bluesky")) == (0, 1), said
    assert json.loads(site.bodies[0]) == {
        "identifier": "someone.example",
        "password": "app-pass-word",
    }
    searched = [h for path, _, h in site.requests if path.endswith("searchPosts")]
    assert {h["Authorization"] for h in searched} == {"Bearer the-token"}
    with open_ready_store(url) as store, store.reading() as connection:
        ids = responses.ids(connection, [], changed=False)
        everything = [responses.read(connection, id_) for id_ in ids]
    assert len(everything) == 2
    assert not any(s in repr(everything) for s in ("the-token", "app-pass-word"))
    site.on(
        "/xrpc/com.atproto.server.createSession",
        StubResponse(b'{"password": "app-pass-word"}', 401),
    )
    code, said = crawl(url, "bluesky", *WHEN, *address_options(site, "bluesky"))
    assert code == 1
    assert "blocked: name or password are not accepted" in said
    assert "app-pass-word" not in said
