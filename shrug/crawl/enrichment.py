"""Texts made ready to be kept, in this process or, where there is much to do, beside it."""

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

# What is told of a post: its text as kept, language, fingerprint, its author's pseudonym, and
# (provider, role) of each mention. Plain values, for they go from process to process.
Told = tuple[str, str, int, str | None, tuple[tuple[str, str], ...]]
# Another process takes a second to start: it is worth it for more posts than this.
MANY = 5000


def tell(key: bytes, source: str, given: Sequence[tuple[str, str | None]]) -> list[Told]:
    """What is to be kept of (text, account) of posts: text mended, account replaced, language told,
    providers matched."""
    texts = [clean(text) for text, _ in given]
    folded = fold_all(texts)
    return [
        (
            text,
            detect(text),
            fingerprint(text, own),
            pseudonyms.pseudonym(key, source, author) if author else None,
            tuple((m.provider, m.role) for m in found),
        )
        for (_, author), text, own, found in zip(
            given, texts, folded, matcher().find_all(folded), strict=True
        )
    ]


class Preparing:
    """Makes posts ready. Once there were many, another process does it while this one goes on, if
    the machine has a core for it; where that process dies, this one does its work."""

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file
        self._posts = 0
        self._pool: ProcessPoolExecutor | None = None
        self._awake: Future[None] | None = None
        self._alone = False

    def begin(self, source: str, posts: Sequence[RawPost]) -> Future[list[Told]] | None:
        """Have posts made ready beside this process; None where `now` is to do it."""
        before, self._posts = self._posts, self._posts + len(posts)
        if self._posts < MANY:
            return None
        if before < MANY:
            # What is loaded by now stays: the collector need not look through it over and over.
            gc.freeze()
        if self._alone or _cores() < 2:
            return None
        try:
            if self._pool is None:
                spawned = multiprocessing.get_context("spawn")
                self._pool = ProcessPoolExecutor(1, spawned, _follow_parent)
                self._awake = self._pool.submit(_wake, self._key)
            if self._awake is None or not self._awake.done():
                return None
            return self._pool.submit(tell, self._key, source, _given(posts))
        except (BrokenProcessPool, OSError, NotImplementedError):
            # It died, or this machine lets none be begun.
            self._alone = True
            return None

    def now(
        self, source: str, posts: Sequence[RawPost], begun: Future[list[Told]] | None = None
    ) -> list[Told]:
        """What is told of each post; begun: what `begin` gave for them."""
        if begun is not None:
            try:
                return begun.result()
            except BrokenProcessPool:
                self._alone = True
        return tell(self._key, source, _given(posts))

    @property
    def _key(self) -> bytes:
        return pseudonyms.present(self._key_file)


def _given(posts: Sequence[RawPost]) -> list[tuple[str, str | None]]:
    return [(post.text, post.author) for post in posts]


def _cores() -> int:
    """Cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _follow_parent() -> None:
    """End when the process that began this one ends, however it does, and not before."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
        os._exit(0)

    Thread(target=wait, daemon=True).start()


def _wake(key: bytes) -> None:
    """Load what the first post would wait for."""
    tell(key, "", [("a text in plain words, long enough", "a")])
