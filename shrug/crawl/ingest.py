"""Storage of pages, snapshots and outages, for crawls and imports alike."""

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from crawler.items import CrawlQuery, Outages, RecordedResponse, SpiderItem, Trouble
from db.core.engine import Store
from db.core.records import NewMention, NewPost, Page, RawPost, Snapshot, VolumePage
from db.crawl import boards, outages, responses, runs, volumes
from db.crawl.runs import QueryOutcome
from db.posts import storage
from shrug.crawl import response_records
from shrug.crawl.enrichment import EnrichedPost, PostEnricher

_ID_LENGTH = 500
_URL_LENGTH = 2000


class Ingest:
    """Stores each item completely, and counts what was stored and what failed.

    on_item: called after each item. response_retention: how long responses are stored.
    is_shared: other crawlers may have started the runs of queries whose items this one stores.
    """

    def __init__(
        self,
        store: Store,
        key_file: Path,
        on_item: Callable[[], None] = lambda: None,
        response_retention: timedelta = timedelta(0),
        is_shared: bool = False,
    ) -> None:
        self._store = store
        self._enricher = PostEnricher(key_file)
        self._on_item = on_item
        self._response_retention = response_retention
        self._is_shared = is_shared
        self.new_posts = 0
        self.seen_posts = 0
        self.snapshots = 0
        self.outages = 0
        self.refused: list[str] = []
        self.troubles: list[Trouble] = []
        self._outcomes: dict[tuple[str, str], QueryOutcome] = {}
        self._receipts: dict[tuple[str, str], int] = {}

    def begin_runs(self, queries: Sequence[CrawlQuery]) -> None:
        """Record the start of a run of each query."""
        with self._store.writing() as connection:
            for query in queries:
                id_ = runs.begin(connection, query.source, query.text, datetime.now(UTC))
                self._receipts[query.source, query.text] = id_

    def end_runs(self) -> None:
        """Record the end of the runs, and delete responses older than their retention."""
        now = datetime.now(UTC)
        with self._store.writing() as connection:
            for key, id_ in self._receipts.items():
                runs.end(connection, id_, now, self._outcome(*key))
            if self._is_shared:
                for key in self._outcomes.keys() - self._receipts.keys():
                    runs.end_latest(connection, *key, now, self._outcomes[key])
            responses.prune(connection, now - self._response_retention)

    def _outcome(self, source: str, query: str) -> QueryOutcome:
        """The outcome of a query; of its source's control query if it was never sent."""
        control_outcomes = (
            outcome
            for key, outcome in self._outcomes.items()
            if key[0] == source and key not in self._receipts and outcome.kind
        )
        return self._outcomes.get((source, query)) or next(control_outcomes, QueryOutcome())

    def prepare_item(self, item: SpiderItem) -> Future[list[EnrichedPost]] | None:
        """Start to enrich a page before it is its turn to be stored; None if that waits."""
        return self._enricher.start(item.source, item.posts) if isinstance(item, Page) else None

    def store_item(
        self, item: SpiderItem, preparation: Future[list[EnrichedPost]] | None = None
    ) -> None:
        """Store an item in one transaction; preparation: what `prepare_item` returned for it."""
        if isinstance(item, Trouble):
            self.troubles.append(item)
            self._note(item.source, item.query, kind=item.kind, why=item.why)
        elif isinstance(item, Page):
            self._store_page(item, preparation)
        elif isinstance(item, VolumePage):
            with self._store.writing() as connection:
                volumes.store(connection, item)
            self._note(item.source, item.query, refused=len(item.refused))
            self.refused += [f"{item.source} {item.query}: {why}" for why in item.refused]
        elif isinstance(item, RecordedResponse):
            self._note(item.query.source, item.query.text, answers=1)
            self._store_response(item)
        elif isinstance(item, Snapshot):
            with self._store.writing() as connection:
                self.snapshots += boards.store(connection, [item])
        elif isinstance(item, Outages):
            with self._store.writing() as connection:
                self.outages += outages.add(connection, item.outages)
                if item.all_open_of:
                    going_on = [o.external_id for o in item.outages]
                    now = datetime.now(UTC).replace(microsecond=0)
                    outages.end_missing(connection, "statuspage", item.all_open_of, going_on, now)
            self.refused += [f"{item.source}: {why}" for why in item.refused]
        self._on_item()

    def _store_page(self, page: Page, preparation: Future[list[EnrichedPost]] | None) -> None:
        prepared = self.enrich(page.source, page.posts, preparation)
        with self._store.writing() as connection:
            self.new_posts += storage.store_page(connection, page, prepared)
        self.seen_posts += len(prepared)
        self._note(page.source, page.query, posts=len(prepared), refused=len(page.refused))
        self.refused += [f"{page.source} {page.query}: {why}" for why in page.refused]

    def _store_response(self, item: RecordedResponse) -> None:
        # A response of unknown form is always stored, for a corrected reader.
        if self._response_retention or item.form_error is not None:
            with self._store.writing() as connection:
                responses.add(connection, response_records.to_record(item))

    def _note(self, source: str, query: str, **more: int | str) -> None:
        """Add to the outcome of a query; of several failures the first is reported."""
        past = self._outcomes.get((source, query), QueryOutcome())
        failure = {"kind": past.kind, "why": past.why} if past.kind else {}
        numbers = {k: getattr(past, k) + v for k, v in more.items() if isinstance(v, int)}
        self._outcomes[source, query] = replace(past, **{**more, **numbers, **failure})

    def enrich(
        self,
        source: str,
        raw: Sequence[RawPost],
        preparation: Future[list[EnrichedPost]] | None = None,
    ) -> list[NewPost]:
        """Return posts as stored: cleaned, with pseudonym, language and mentions."""
        return list(map(_new_post, raw, self._enricher.enrich(source, raw, preparation)))


def _new_post(post: RawPost, enriched: EnrichedPost) -> NewPost:
    text, lang, fingerprint, author, mentions = enriched
    return NewPost(
        external_id=_storable(post.external_id)[:_ID_LENGTH] or fallback_id(post),
        created_at=post.created_at,
        text=text,
        lang=lang,
        fingerprint=fingerprint,
        author=author,
        url=_storable(post.url)[:_URL_LENGTH] if post.url else None,
        likes=post.likes,
        reposts=post.reposts,
        replies=post.replies,
        reply_to=_storable(post.reply_to)[:_ID_LENGTH] if post.reply_to else None,
        mentions=tuple(_mention(provider, role) for provider, role in mentions),
    )


@cache
def _mention(provider: str, role: str) -> NewMention:
    return NewMention(provider, role)


def fallback_id(post: RawPost) -> str:
    """Return an id for a post whose own has only characters that can't be stored."""
    seed = f"{post.created_at.isoformat()}\0{post.text}".encode("utf-8", "replace")
    return hashlib.sha256(seed).hexdigest()[:32]


def _storable(text: str) -> str:
    """Text without surrogates and NUL, which UTF-8 and PostgreSQL can't store."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")
