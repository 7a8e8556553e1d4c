"""snownlp's score, compiled, against plain snownlp: speed, start and memory."""

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from bench.parts import BenchRow
from bench.posts import chinese

ROUNDS, SAMPLE, TIMES = 9, 120, 40

PLAIN = "from snownlp import SnowNLP; SnowNLP('崩了').sentiments"
OURS = """
import sys
from pathlib import Path
from analysis.sentiment.snow.cache import load_tables
from analysis.sentiment.snow.scoring import SnowScorer
SnowScorer(load_tables(home=Path(sys.argv[1]))).score(['崩了'])
"""
# The peak resident memory of this program alone.
MEMORY = """
from bench.memory import peak_bytes
print(peak_bytes() / 2**20)
"""


def seconds(work: Callable[[list[str]], object], texts: list[str]) -> float:
    """Return how long a piece of work takes."""
    before = time.perf_counter()
    work(texts)
    return time.perf_counter() - before


def speeds() -> list[BenchRow]:
    """Return the ratios of posts a second; each round scores a fresh sample with both."""
    from snownlp import SnowNLP

    from analysis.sentiment.scorers import field
    from analysis.sentiment.snow.cache import load_tables
    from analysis.sentiment.snow.scoring import SnowScorer

    _, posts = chinese()
    ours, rng = SnowScorer(load_tables()), random.Random(1)
    ours.score(posts[:100])
    field().score(posts[:100])
    cores = os.cpu_count() or 1
    variants: dict[str, Callable[[list[str]], object]] = {
        "in batches, one core": ours.score,
        f"in batches, {cores} threads": lambda texts: ours.score(texts, cores),
        "one call at a time": lambda texts: [ours.score([text]) for text in texts],
        "snownlp-field, one core, with all it does": field().score,
    }
    here: dict[str, list[float]] = {variant: [] for variant in variants}
    plain: list[float] = []
    for _ in range(ROUNDS):
        sample = rng.sample(posts, SAMPLE)
        plain.append(SAMPLE / seconds(lambda texts: [SnowNLP(t).sentiments for t in texts], sample))
        for variant, score in variants.items():
            here[variant].append(SAMPLE * TIMES / seconds(score, sample * TIMES))
    return [_row(variant, here[variant], plain) for variant in variants]


def _row(what: str, here: list[float], rival: list[float]) -> BenchRow:
    ratios = sorted(a / b for a, b in zip(here, rival, strict=True))
    shown = f"{ratios[0]:.0f}, **{statistics.median(ratios):.0f}**, {ratios[-1]:.0f}"
    rate = f"{statistics.median(here):,.0f} posts a second"
    return what, "plain snownlp", shown, rate, f"{statistics.median(rival):,.0f} posts a second"


def starts() -> list[BenchRow]:
    """Return time to the first score, and memory: first start ever, later starts, plain snownlp."""
    rows = []
    plain = [_start(PLAIN) for _ in range(3)]
    for what, fresh in (("first start ever", True), ("later starts", False)):
        ours = [_start(OURS, fresh=fresh) for _ in range(3)]
        time_, memory = (statistics.median(run[k] for run in ours) for k in (0, 1))
        its, its_memory = (statistics.median(run[k] for run in plain) for k in (0, 1))
        ratio = f"**{its / time_:.1f}**"
        here = f"{time_:.1f} s, {memory:.0f} MB at most"
        rows.append((what, "plain snownlp", ratio, here, f"{its:.1f} s, {its_memory:.0f} MB"))
    return rows


def _start(program: str, *, fresh: bool = False) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as home:
        # Without compiled code and without tables, as on a new machine.
        env = {**os.environ, "NUMBA_CACHE_DIR": f"{home}/numba"} if fresh else dict(os.environ)
        folder = f"{home}/tables" if fresh else str(_warm())
        before = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", program + "\n" + MEMORY, folder],
            check=True,
            capture_output=True,
            text=True,
            env=env,
        )
        return time.perf_counter() - before, float(done.stdout)


def _warm() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("shrug") / "snow"


def rows() -> list[BenchRow]:
    """Measure the speed, then the starts."""
    return [*speeds(), *starts()]


def about() -> str:
    """Describe what is measured."""
    where, posts = chinese()
    versions = ", ".join(f"{name} {version(name)}" for name in ("snownlp", "numba", "numpy"))
    return (
        f"{len(posts):,} {where}; {versions}; {ROUNDS} rounds, in each of which both score the "
        "same sample."
    )
