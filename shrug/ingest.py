"""From a page as read to a page as kept; one path for crawls and imports."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from analysis.language import detect
from analysis.mentions import Mentioned
from analysis.text import clean, fingerprint, fold_all
from crawler.items import Ask, Asked, Item, Outages, Trouble
from db import answers, boards, outages, posts, receipts, volumes
from db.engine import Store
from db.receipts import Outcome
from db.records import NewMention, NewPost, Page, RawPost, Snapshot, VolumePage
from shrug import packing, pseudonyms
from shrug.matching import matcher

_ID_LENGTH = 500
_URL_LENGTH = 2000


class Ingest:
    """Keeps pages, snapshots and outages, each whole, and counts what came and what did not.

    shared: other crawlers may have begun what this one keeps.
    """

    def __init__(
        self,
        store: Store,
        key_file: Path,
        told: Callable[[], None] = lambda: None,
        keep_answers: timedelta = timedelta(0),
        shared: bool = False,
    ) -> None:
        self._store = store
        self._key_file = key_file
        self._told = told
        self._keep_answers = keep_answers
        self._shared = shared
        self.new_posts = 0
        self.seen_posts = 0
        self.snapshots = 0
        self.outages = 0
        self.refused: list[str] = []
        self.troubles: list[Trouble] = []
        self._outcomes: dict[tuple[str, str], Outcome] = {}
        self._receipts: dict[tuple[str, str], int] = {}

    def begin(self, asks: Sequence[Ask]) -> None:
        """Open a receipt for every query that is about to be asked."""
        with self._store.writing() as connection:
            for ask in asks:
                id_ = receipts.begin(connection, ask.source, ask.query, datetime.now(UTC))
                self._receipts[ask.source, ask.query] = id_

    def end(self) -> None:
        """Complete the receipts, and drop answers that are past their time."""
        now = datetime.now(UTC)
        with self._store.writing() as connection:
            for key, id_ in self._receipts.items():
                receipts.end(connection, id_, now, self._outcome(*key))
            if self._shared:
                for key in self._outcomes.keys() - self._receipts.keys():
                    receipts.end_elsewhere(connection, *key, now, self._outcomes[key])
            answers.prune(connection, now - self._keep_answers)

    def _outcome(self, source: str, query: str) -> Outcome:
        """What a query came to: where it was never asked, what its source's control came to."""
        own = self._outcomes.get((source, query))
        before = (
            outcome
            for key, outcome in self._outcomes.items()
            if key[0] == source and key not in self._receipts and outcome.kind
        )
        return own or next(before, Outcome())

    def keep(self, item: Item) -> None:
        """Store an item in one transaction, or note the trouble that it is."""
        if isinstance(item, Trouble):
            self.troubles.append(item)
            self._note(item.source, item.query, kind=item.kind, why=item.why)
        elif isinstance(item, Page):
            self._keep_page(item)
        elif isinstance(item, VolumePage):
            with self._store.writing() as connection:
                volumes.store(connection, item)
            self._note(item.source, item.query, refused=len(item.refused))
            self.refused += [f"{item.source} {item.query}: {why}" for why in item.refused]
        elif isinstance(item, Asked):
            self._note(item.ask.source, item.ask.query, answers=1)
            self._keep_answer(item)
        elif isinstance(item, Snapshot):
            with self._store.writing() as connection:
                self.snapshots += boards.store(connection, [item])
        elif isinstance(item, Outages):
            with self._store.writing() as connection:
                self.outages += outages.add(connection, item.outages)
                if item.open_of:
                    going_on = [o.external_id for o in item.outages]
                    now = datetime.now(UTC).replace(microsecond=0)
                    outages.end_others(connection, "statuspage", item.open_of, going_on, now)
            self.refused += [f"{item.source}: {why}" for why in item.refused]
        self._told()

    def _keep_page(self, page: Page) -> None:
        prepared = self.prepare(page.source, page.posts)
        with self._store.writing() as connection:
            self.new_posts += posts.store_page(connection, page, prepared)
        self.seen_posts += len(prepared)
        self._note(page.source, page.query, posts=len(prepared), refused=len(page.refused))
        self.refused += [f"{page.source} {page.query}: {why}" for why in page.refused]

    def _keep_answer(self, item: Asked) -> None:
        # What changed its form is kept in any case: a mended reader will want it.
        if self._keep_answers or item.changed is not None:
            with self._store.writing() as connection:
                answers.add(connection, packing.packed(item))

    def _note(self, source: str, query: str, **more: int | str) -> None:
        """Add to what a query came to; the first thing that went wrong is the one that is told."""
        past = self._outcomes.get((source, query), Outcome())
        told = {"kind": past.kind, "why": past.why} if past.kind else {}
        numbers = {k: getattr(past, k) + v for k, v in more.items() if isinstance(v, int)}
        self._outcomes[source, query] = replace(past, **{**more, **numbers, **told})

    def prepare(self, source: str, raw: Sequence[RawPost]) -> list[NewPost]:
        """Posts as kept: text mended, account replaced, language told, providers matched."""
        texts = [clean(post.text) for post in raw]
        folded = fold_all(texts)
        found = matcher().find_all(folded)
        return [
            self._prepared(source, *parts) for parts in zip(raw, texts, folded, found, strict=True)
        ]

    def _prepared(
        self, source: str, post: RawPost, text: str, folded: str, found: Sequence[Mentioned]
    ) -> NewPost:
        return NewPost(
            external_id=_storable(post.external_id)[:_ID_LENGTH] or fallback_id(post),
            created_at=post.created_at,
            text=text,
            lang=detect(text),
            fingerprint=fingerprint(text, folded),
            author=self._pseudonym(source, post.author),
            url=_storable(post.url)[:_URL_LENGTH] if post.url else None,
            likes=post.likes,
            reposts=post.reposts,
            replies=post.replies,
            reply_to=_storable(post.reply_to)[:_ID_LENGTH] if post.reply_to else None,
            mentions=tuple(NewMention(m.provider, m.role) for m in found),
        )

    def _pseudonym(self, source: str, author: str | None) -> str | None:
        if not author:
            return None
        return pseudonyms.pseudonym(pseudonyms.present(self._key_file), source, author)


def fallback_id(post: RawPost) -> str:
    """An id for a post whose own is nothing but what can't be kept."""
    seed = f"{post.created_at.isoformat()}\0{post.text}".encode("utf-8", "replace")
    return hashlib.sha256(seed).hexdigest()[:32]


def _storable(text: str) -> str:
    """Text that UTF-8 and PostgreSQL can carry: no half characters, no NUL."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")
