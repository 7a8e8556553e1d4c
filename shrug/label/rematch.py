"""Matching of stored posts again after the catalog's names have changed.

Only posts that contain a changed name are matched.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from analysis.text.cleaning import fold_all
from analysis.text.mentions import WordFinder
from db import catalog
from db.catalog import provider_rows
from db.core import metadata
from db.core.engine import Store
from db.core.records import NewMention
from db.posts import queries, storage
from shrug.label.backlog import POSTS_PER_BATCH
from shrug.label.matcher import matcher

# Metadata: the hash of the words that posts were matched by, and how far a run has come.
WORDS, PROGRESS = "names.words", "names.place"


@dataclass(frozen=True, slots=True)
class RematchResult:
    """The number of names that differ, whether words do, and how many posts were affected."""

    names: int
    words: bool
    examined: int
    changed: int


def rematch_posts(
    store: Store, on_progress: Callable[[int], None] = lambda _: None
) -> RematchResult:
    """Update the mentions of stored posts to the names and words of today's catalog.

    Each batch is stored together with the progress, so that an interrupted run resumes there.
    """
    entries = catalog.providers().values()
    present = {(entry.key, text, weak) for entry in entries for text, weak in entry.aliases}
    contexts = {entry.key: entry.context for entry in entries}
    words = _hash([catalog.context_words(), catalog.failure_words(), contexts])
    with store.reading() as connection:
        changed_names = {*provider_rows.read_aliases(connection)} ^ present
        former_words = metadata.read(connection, WORDS)
    words_changed = former_words not in {None, words}
    looked = changed = 0
    if changed_names or words_changed:
        # If words around names have changed, any post that names anybody may be affected.
        names = present | changed_names if words_changed else changed_names
        finder = WordFinder(sorted({text for _, text, _ in names}))
        for posts, changed_posts in _rematch_batches(store, finder, _hash(sorted(present))):
            looked += posts
            changed += changed_posts
            on_progress(posts)
    if changed_names or former_words != words:
        with store.writing() as connection:
            provider_rows.replace_aliases(connection, entries)
            metadata.write(connection, WORDS, words)
            metadata.write(connection, PROGRESS, "")
    return RematchResult(len(changed_names), words_changed, looked, changed)


def _rematch_batches(store: Store, finder: WordFinder, target: str) -> Iterator[tuple[int, int]]:
    """Match batch by batch; yield the number of its posts, and of those that have changed."""
    with store.reading() as connection:
        progress = metadata.read(connection, PROGRESS)
    started, after = json.loads(progress) if progress else ("", 0)
    after = after if started == target else 0
    while True:
        with store.reading() as connection:
            batch = queries.texts_after(connection, after, POSTS_PER_BATCH)
        if not batch:
            return
        mentions = _find_mentions(batch, finder)
        after = batch[-1][0]
        with store.writing() as connection:
            changed = storage.change_mentions(connection, mentions)
            metadata.write(connection, PROGRESS, json.dumps([target, after]))
        yield len(batch), changed


def _find_mentions(
    batch: Sequence[tuple[int, str]], finder: WordFinder
) -> dict[int, list[NewMention]]:
    """Return the mentions of the posts with any of the words, by post id."""
    folded = fold_all([text for _, text in batch])
    indexes = list(finder.matching_indexes(folded))
    matches = matcher().find_all([folded[i] for i in indexes])
    return {
        batch[i][0]: [NewMention(m.provider, m.role) for m in mentions]
        for i, mentions in zip(indexes, matches, strict=True)
    }


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
