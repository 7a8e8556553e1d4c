"""Our work beside a rival's, on the same pages in turn."""

import gc
import resource
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from bench.memory import peak_bytes


@dataclass(frozen=True, slots=True)
class Pair:
    """Our work and the rival's on each page; pages are made meanwhile, which is not timed. What is
    done at once has one page, which is nothing. most: how many pages the rival gets, and share: one
    in how many things of each, where all would take it hours; its time is counted as if it had had
    all."""

    ours: Callable[[Any], object]
    rival: Callable[[Any], object]
    pages: Iterable[Any] = (None,)
    most: int | None = None
    share: int = 1


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds, ours and the rival's, and bytes that we held at most."""

    ours: float
    rival: float
    peak: int


Stage = Callable[[int, str], AbstractContextManager[Pair]]


def taken(stage: Stage, number: int, folder: str) -> Taken:
    """What a stage takes at a size."""
    ours = rival = 0.0
    pages = given = peak = 0
    with stage(number, folder) as pair:
        # As at the start of a crawl: the collector does not look again at all that is loaded.
        gc.freeze()
        for page in pair.pages:
            ours += _seconds(pair.ours, page)
            peak = max(peak_bytes(), _children())
            pages += 1
            if pair.most is None or given < pair.most:
                rival += _seconds(pair.rival, page)
                given += 1
    return Taken(ours, rival * pair.share * pages / given, peak)


def _seconds(work: Callable[[Any], object], page: Any) -> float:
    before = time.perf_counter()
    work(page)
    return time.perf_counter() - before


def _children() -> int:
    """What the largest process held at most that this one began and that has ended."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
