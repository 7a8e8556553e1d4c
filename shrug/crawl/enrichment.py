"""Enrichment of posts before they are stored, in this process or in a second one."""

import gc
import multiprocessing
import os
import signal
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from threading import Thread

from analysis.text.cleaning import clean, fingerprint, fold_all
from analysis.text.language import detect
from db.core.records import RawPost
from shrug.label.matcher import matcher
from shrug.privacy import pseudonyms

# Cleaned text, language, fingerprint, the author's pseudonym, and (provider, role) of each mention.
# Plain values, since they are sent from process to process.
EnrichedPost = tuple[str, str, int, str | None, tuple[tuple[str, str], ...]]
# A second process takes a second to start; it pays from this number of posts on.
MIN_POSTS_FOR_PROCESS = 5000


def enrich(key: bytes, source: str, posts: Sequence[tuple[str, str | None]]) -> list[EnrichedPost]:
    """Enrich the (text, account) pairs of posts of a source; `key` is that of the pseudonyms."""
    texts = [clean(text) for text, _ in posts]
    folded = fold_all(texts)
    return [
        (
            text,
            detect(text),
            fingerprint(text, fold),
            pseudonyms.pseudonym(key, source, author) if author else None,
            tuple((m.provider, m.role) for m in mentions),
        )
        for (_, author), text, fold, mentions in zip(
            posts, texts, folded, matcher().find_all(folded), strict=True
        )
    ]


class PostEnricher:
    """Enriches posts. Once there were many, a second process does it, if there is a core for it.

    If that process dies, this one does its work.
    """

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file
        self._posts = 0
        self._pool: ProcessPoolExecutor | None = None
        self._loaded: Future[None] | None = None
        self._single_process = False

    def start(self, source: str, posts: Sequence[RawPost]) -> Future[list[EnrichedPost]] | None:
        """Start to enrich posts in a second process; None if `enrich` is to do it."""
        before, self._posts = self._posts, self._posts + len(posts)
        if self._posts < MIN_POSTS_FOR_PROCESS:
            return None
        if before < MIN_POSTS_FOR_PROCESS:
            # What is loaded by now stays, so the garbage collector need not examine it again.
            gc.freeze()
        if self._single_process or _cores() < 2:
            return None
        try:
            if self._pool is None:
                spawned = multiprocessing.get_context("spawn")
                self._pool = ProcessPoolExecutor(1, spawned, _follow_parent)
                self._loaded = self._pool.submit(_load, self._key)
            if self._loaded is None or not self._loaded.done():
                return None
            return self._pool.submit(enrich, self._key, source, _texts_and_authors(posts))
        except (BrokenProcessPool, OSError, NotImplementedError):
            # It died, or this machine does not start any.
            self._single_process = True
            return None

    def enrich(
        self,
        source: str,
        posts: Sequence[RawPost],
        preparation: Future[list[EnrichedPost]] | None = None,
    ) -> list[EnrichedPost]:
        """Enrich posts; preparation: what `start` returned for them."""
        if preparation is not None:
            try:
                return preparation.result()
            except BrokenProcessPool:
                self._single_process = True
        return enrich(self._key, source, _texts_and_authors(posts))

    @property
    def _key(self) -> bytes:
        return pseudonyms.current_key(self._key_file)


def _texts_and_authors(posts: Sequence[RawPost]) -> list[tuple[str, str | None]]:
    return [(post.text, post.author) for post in posts]


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _follow_parent() -> None:
    """End with the parent process, however it ends, and not before."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
        os._exit(0)

    Thread(target=wait, daemon=True).start()


def _load(key: bytes) -> None:
    """Load the models that the first post would wait for."""
    enrich(key, "", [("a text in plain words, long enough", "a")])
