"""Each stage at growing sizes: its ratio to a rival, its speed, its memory, and how its time grows.

`python -m bench.growth` writes docs/growth.md; `--check` is for CI: small sizes, and it fails if
a stage grows faster than MAX_EXPONENT or its ratio is less than half of that in growth.json.
"""

import json
import math
import os
import platform
import statistics
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import parts
from bench.pairs import time_stage
from bench.stages import STAGES

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "growth.md"
RATIOS = HERE / "growth.json"
MAX_EXPONENT = 1.15
MEGABYTE = 2**20
# CI measures where the work is long enough to tell its growth from its start.
SMALL = (4_000, 16_000)
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
# A visit asks 2,000 times at most, for 850 posts each time; the others take long to fill.
LARGEST = dict.fromkeys(("crawl to stored", "ingestion, PostgreSQL", "measuring"), 1_000_000)
ROUNDS, LARGE = 3, 1_000_000
# What takes longest is left out of CI: its parts are in it.
QUICK = [stage for stage in STAGES if stage not in LARGEST]
NAMES = ("numpy", "pandas", "scrapy", "sqlalchemy", "psycopg", "pyarrow", "py3langid", "snownlp")


@dataclass(frozen=True, slots=True)
class Size:
    """The result of one size: seconds of each round, ours and the rival's, and peak bytes."""

    number: int
    ours: tuple[float, ...]
    rival: tuple[float, ...]
    peak: int

    @property
    def ratios(self) -> list[float]:
        """The ratios of our speed to the rival's."""
        return sorted(b / a for a, b in zip(self.ours, self.rival, strict=True))


def measure_stage(stage: str, number: int, rounds: int = ROUNDS) -> Size:
    """Measure a stage at a size, each round in a process of its own."""
    command = [sys.executable, "-m", "bench.stages", stage, str(number)]
    rounds_taken = [
        json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        for _ in range(rounds)
    ]
    ours, rival = (tuple(t[name] for t in rounds_taken) for name in ("ours", "rival"))
    return Size(number, ours, rival, max(t["peak"] for t in rounds_taken))


def growth(sizes: list[Size]) -> float:
    """Return the exponent by which time grows: the least-squares slope of the quickest rounds on
    logarithmic scales."""
    x = [math.log(s.number) for s in sizes]
    y = [math.log(min(s.ours)) for s in sizes]
    return float(statistics.linear_regression(x, y).slope)


def check() -> int:
    """Check all quick stages, a failing one twice, and return the exit code."""
    ratios = json.loads(RATIOS.read_text(encoding="utf-8"))
    code = 0
    for stage in QUICK:
        wrong = _wrong(stage, ratios[stage]) and _wrong(stage, ratios[stage])
        sys.stdout.write(f"{stage}: {wrong or 'as it should be'}\n")
        code |= bool(wrong)
    return code


def _wrong(stage: str, least: float) -> str:
    sizes = [_measure_in_process(stage, number) for number in SMALL]
    exponent, ratio = growth(sizes), sizes[-1].ratios[-1]
    if exponent > MAX_EXPONENT:
        return f"its time grows with the power {exponent:.2f} of the posts"
    if ratio < least / 2:
        return f"{ratio:.3f} times its rival, which was {least:.3f}"
    return ""


def _measure_in_process(stage: str, number: int) -> Size:
    """Measure a stage at a size in this process, where all modules are already loaded."""
    timings = []
    for _ in range(ROUNDS):
        with TemporaryDirectory() as folder:
            timings.append(time_stage(STAGES[stage][1], number, folder))
    return Size(number, tuple(t.ours for t in timings), tuple(t.rival for t in timings), 0)


def write_ratios() -> None:
    """Write the ratios that CI compares a change with."""
    ratios = {
        stage: round(statistics.median(_measure_in_process(stage, SMALL[-1]).ratios), 3)
        for stage in QUICK
    }
    RATIOS.write_text(json.dumps(ratios, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """Measure all stages or those that are named, or do what the first argument says."""
    wanted = sys.argv[1:]
    if wanted == ["--check"]:
        sys.exit(check())
    if wanted == ["--keep"]:
        write_ratios()
        return
    known = parts.read_parts(PAGE)
    for stage in wanted or STAGES:
        known[stage] = _part(stage)
        measured = [known[name] for name in STAGES if name in known]
        PAGE.write_text("\n".join([_head(), *measured]), encoding="utf-8")


def _head() -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in NAMES)
    return (
        f"# How work grows\n\n`make growth`, on {os.cpu_count()} cores ({platform.machine()}), "
        f"Python {platform.python_version()}; {versions}. Posts are simulated (bench/stream.py). "
        f"Each round, of {ROUNDS} (from {LARGE:,} posts on: one), is a process of its own that "
        "does our work and the rival's on the same posts, page by page in turn where that makes "
        "sense. A rival that takes texts one by one gets a million of them at most, plain snownlp "
        "four hundred, and its time is counted as for all. A ratio is how many times the rival's "
        "speed. The exponent says how time grows with the number of posts: 1 is in proportion. "
        "Memory is what the process held at most until our work was done, the rival's with it "
        "where they take turns; of a crawl, what the largest of its processes held.\n"
    )


def _part(stage: str) -> str:
    rival, made = STAGES[stage]
    wanted = [number for number in SIZES if number <= LARGEST.get(stage, SIZES[-1])]
    sizes = [measure_stage(stage, number, 1 if number >= LARGE else ROUNDS) for number in wanted]
    rows = ["| posts | ratio (min, median, max) | posts a second | rival's | MB at most |"]
    rows.append("| ---: | --- | ---: | ---: | ---: |")
    rows += [_row(size) for size in sizes]
    about = (made.__doc__ or "").strip().replace("\n    ", " ")
    head = f"## {stage}\n\n{about} Rival: {rival}. Exponent {growth(sizes):.2f}.\n\n"
    sys.stdout.write(head + "\n".join(rows) + "\n\n")
    return head + "\n".join(rows) + "\n"


def _row(size: Size) -> str:
    low, middle, high = size.ratios[0], statistics.median(size.ratios), size.ratios[-1]
    ours, rival = (size.number / statistics.median(t) for t in (size.ours, size.rival))
    ratio = f"{low:.2f}, **{middle:.2f}**, {high:.2f}"
    return (
        f"| {size.number:,} | {ratio} | {ours:,.0f} | {rival:,.0f} | {size.peak / MEGABYTE:.0f} |"
    )


if __name__ == "__main__":
    main()
