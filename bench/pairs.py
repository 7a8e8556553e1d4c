"""Timing of our work and a rival's, on the same pages in turn."""

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
    """Our work and the rival's on each page; making the pages is not timed.

    A work without pages has one page, None. most: the number of pages that the rival gets, and
    share: one in how many items of each, if all would take it hours; its time is extrapolated.
    """

    ours: Callable[[Any], object]
    rival: Callable[[Any], object]
    pages: Iterable[Any] = (None,)
    most: int | None = None
    share: int = 1


@dataclass(frozen=True, slots=True)
class Timing:
    """The seconds of both, and our peak memory in bytes."""

    ours: float
    rival: float
    peak: int


Stage = Callable[[int, str], AbstractContextManager[Pair]]


def time_stage(stage: Stage, number: int, folder: str) -> Timing:
    """Time a stage at a size."""
    ours = rival = 0.0
    pages = rival_pages = peak = 0
    with stage(number, folder) as pair:
        # As at the start of a crawl: garbage collection skips all that is loaded.
        gc.freeze()
        for page in pair.pages:
            ours += _seconds(pair.ours, page)
            peak = max(peak_bytes(), _peak_bytes_of_children())
            pages += 1
            if pair.most is None or rival_pages < pair.most:
                rival += _seconds(pair.rival, page)
                rival_pages += 1
    return Timing(ours, rival * pair.share * pages / rival_pages, peak)


def _seconds(work: Callable[[Any], object], page: Any) -> float:
    before = time.perf_counter()
    work(page)
    return time.perf_counter() - before


def _peak_bytes_of_children() -> int:
    """Return the peak memory of the largest child process that has ended."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
