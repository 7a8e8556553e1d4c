"""Matching stored posts again where the catalogue's names have changed: those that hold such a
name, and no others."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analysis.text.cleaning import fold_all
from analysis.text.mentions import Words
from db import catalog
from db.catalog import provider_rows
from db.core import metadata
from db.core.engine import Store
from db.core.records import NewMention
from db.posts import queries, storage
from shrug.label.matcher import matcher

BATCH = 5000
# By which words posts were matched, and how far they are matched with those of now.
WORDS, PLACE = "names.words", "names.place"


@dataclass(frozen=True, slots=True)
class Rematched:
    """How many names differ, whether words do, and how many posts were looked at and changed."""

    names: int
    words: bool
    looked: int
    changed: int


def rematch(store: Store, told: Callable[[int], None] = lambda _: None) -> Rematched:
    """Bring what posts mention to the names and words of today's catalogue. Each batch is stored
    with how far it reaches, so that a run that was cut off goes on there."""
    now = _now()
    with store.reading() as connection:
        names = {*provider_rows.names(connection)} ^ now
        kept = metadata.read(connection, WORDS)
        after = _place(metadata.read(connection, PLACE), _digest(now))
    words = kept is not None and kept != _words()
    looked = changed = 0
    if names or words:
        # Where the words around names have changed, any post that names anybody may read otherwise.
        own = {text for _, text, _ in (now | names if words else names)}
        looked, changed = _walk(store, Words.of(sorted(own)), after, _digest(now), told)
    if names or kept != _words():
        with store.writing() as connection:
            provider_rows.take_names(connection, catalog.providers().values())
            metadata.write(connection, WORDS, _words())
            metadata.write(connection, PLACE, "")
    return Rematched(len(names), words, looked, changed)


def _walk(
    store: Store, wanted: Words, after: int, digest: str, told: Callable[[int], None]
) -> tuple[int, int]:
    looked = changed = 0
    while True:
        with store.reading() as connection:
            batch = queries.after(connection, after, BATCH)
        if not batch:
            return looked, changed
        found = _mentions(batch, wanted)
        after = batch[-1][0]
        with store.writing() as connection:
            changed += storage.rename(connection, found)
            metadata.write(connection, PLACE, json.dumps([digest, after]))
        looked += len(batch)
        told(len(batch))


def _mentions(batch: Sequence[tuple[int, str]], wanted: Words) -> dict[int, list[NewMention]]:
    """What the posts that hold any of the wanted words mention, by their ids."""
    folded = fold_all([text for _, text in batch])
    own = list(wanted.holders(folded))
    found = matcher().find_all([folded[i] for i in own])
    return {
        batch[i][0]: [NewMention(m.provider, m.role) for m in mentions]
        for i, mentions in zip(own, found, strict=True)
    }


def _now() -> set[tuple[str, str, bool]]:
    return {
        (entry.key, text, weak)
        for entry in catalog.providers().values()
        for text, weak in entry.aliases
    }


def _words() -> str:
    """What tells whether the words have changed that stand around names."""
    own = {entry.key: entry.context for entry in catalog.providers().values()}
    told = [catalog.context_words(), catalog.failure_words(), own]
    return _digest(told)


def _digest(value: object) -> str:
    told = sorted(value) if isinstance(value, set) else value
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def _place(kept: str | None, digest: str) -> int:
    """The last post that was matched with the names of now; 0 where none was."""
    for_, after = json.loads(kept) if kept else ("", 0)
    return int(after) if for_ == digest else 0
