"""Items are stored with the outcome of their query."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.items import CrawlQuery, Trouble, TroubleKind
from db.core.engine import Store
from db.core.records import CoveredSpan, Page, RawPost, Span
from db.crawl import runs
from shrug.crawl.ingest import Ingest, fallback_id
from shrug.store.bootstrap import open_ready_store
from tests.crawler.spiders.stub_sources import WHEN, address_options, evenly_spaced, github
from tests.crawling import SINCE, UNTIL, crawl
from tests.serving import StubResponse, StubSite


@pytest.mark.usefixtures("robots_allowed")
def test_every_query_has_a_recorded_run(site: StubSite, url: str) -> None:
    site.on("/search/issues", github(evenly_spaced(150)))
    crawl(url, "github", *WHEN, *address_options(site, "github"))
    site.on("/search/issues", StubResponse(b"no", 403))
    crawl(
        url,
        "github",
        "--until",
        UNTIL.isoformat(),
        "--provider",
        "kimi",
        *address_options(site, "github"),
    )
    with open_ready_store(url) as store, store.reading() as connection:
        latest = {r.query: r for r in runs.latest(connection)}
    whole = latest["DeepSeek"]
    assert whole.ended_at is not None
    assert (whole.outcome.answers, whole.outcome.posts, whole.outcome.kind) == (2, 150, None)
    assert latest["Kimi"].outcome.posts == 0


posts = st.builds(
    RawPost,
    external_id=st.text(max_size=600),
    created_at=st.just(SINCE),
    text=st.text(max_size=50),
    url=st.none() | st.text(max_size=2500),
    author=st.none() | st.text(max_size=20),
    reply_to=st.none() | st.text(max_size=600),
)


@given(posts)
def test_any_post_is_made_storable(post: RawPost) -> None:
    with TemporaryDirectory() as folder:
        ingest = Ingest(None, Path(folder) / "key")  # type: ignore[arg-type]
        (enriched,) = ingest.enrich("forum", [post])
    assert 0 < len(enriched.external_id) <= 500
    assert len(enriched.url or "") <= 2000
    assert enriched.author is None or enriched.author != post.author
    for text in (enriched.text, enriched.external_id, enriched.url, enriched.reply_to):
        assert "\0" not in (text or "").encode().decode()


def test_posts_whose_ids_can_not_be_stored_get_different_ids() -> None:
    made = [RawPost("\0", SINCE, "a"), RawPost("\0", SINCE, "b"), RawPost("\ud800", UNTIL, "a")]
    assert len({fallback_id(post) for post in made}) == len(made)


def test_a_page_is_stored_once_however_often_it_is_read(store: Store, tmp_path: Path) -> None:
    ingest = Ingest(store, tmp_path / "key")
    post = RawPost("1", SINCE, "DeepSeek is down")
    covered = (CoveredSpan(Span(SINCE, UNTIL), "deepseek"),)
    for _ in range(2):
        ingest.store_item(Page("forum", "DeepSeek", (post,), "cursor", covered, ("entry 2: bad",)))
    assert (ingest.new_posts, ingest.seen_posts) == (1, 2)
    assert ingest.refused == ["forum DeepSeek: entry 2: bad"] * 2


def test_the_first_failure_of_a_query_is_the_one_recorded(store: Store, tmp_path: Path) -> None:
    ingest = Ingest(store, tmp_path / "key")
    ingest.begin_runs([CrawlQuery("forum", "DeepSeek", ("deepseek",), SINCE, UNTIL)])
    for kind in (TroubleKind.BLOCKED, TroubleKind.CAPPED):
        ingest.store_item(Trouble("forum", "DeepSeek", kind, "https://forum.example", "why"))
    ingest.end_runs()
    with store.reading() as connection:
        (run,) = runs.latest(connection)
    assert (run.outcome.kind, run.outcome.why) == ("blocked", "why")
    assert [trouble.kind for trouble in ingest.troubles] == ["blocked", "capped"]
