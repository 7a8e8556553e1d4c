"""Many outages of one kind of world: how often the estimator is right."""

import numpy as np

from analysis.attention.verdicts import (
    DEFAULT_WORTH,
    Measured,
    Verdict,
    judge,
    measure_all,
    with_voices,
)
from analysis.validation import rivals
from analysis.validation.row import Row
from analysis.validation.worlds import Cell, World, world

RATIOS = (1.0, 2.0, 3.0)
BASE = (
    Cell("rare", 0.2, 1.0),
    Cell("few", 2, 0.5),
    Cell("some", 20, 0.2),
    Cell("many", 200, 0.05),
    Cell("wild", 20, 0.5),
)
HARDER = (
    Cell("gaps", 20, 0.2, missing=0.5),
    Cell("capped", 20, 0.2, cap=60),
    Cell("flooded", 20, 0.2, flood=300),
    Cell("short", 20, 0.2, days=28),
    Cell("long", 20, 0.2, days=84),
    Cell("growing", 20, 0.2, trend=1.0),
    Cell("doubled", 20, 0.2, shift=2.0),
    Cell("halved", 20, 0.2, shift=0.5),
    Cell("holiday", 20, 0.2, holiday=0.67),
)
CELLS = (*BASE, *HARDER)


def run(cell: Cell, outages: int, seed: int) -> Row:
    """Try a cell: `outages` worlds at each of RATIOS; the same seed gives the same row."""
    number = sum(cell.name.encode())
    tried = [
        _Tried(cell, ratio, outages, np.random.default_rng([seed, number, i]))
        for i, ratio in enumerate(RATIOS)
    ]
    silent, loud = tried[0], tried[-1]
    limit = float(np.quantile(loud.alarms, 1 - loud.share(Verdict.NOTICED)))
    return Row(
        cell=cell.name,
        outages=outages,
        expected=float(silent.mean.mean()),
        held=tuple(t.held() for t in tried),
        noticed=tuple(t.share(Verdict.NOTICED) for t in tried),
        shrugged=tuple(t.share(Verdict.SHRUGGED) for t in tried),
        oracle_noticed=float(rivals.notices(loud.observed, loud.mean, loud.dispersion).mean()),
        oracle_shrugged=float(
            rivals.shrugs(silent.observed, silent.mean, silent.dispersion, DEFAULT_WORTH).mean()
        ),
        rival=float((silent.alarms > limit).mean()),
    )


class _Tried:
    """All outages of one cell and ratio."""

    def __init__(self, cell: Cell, ratio: float, outages: int, rng: np.random.Generator) -> None:
        self._ratio = ratio
        worlds: list[World] = [world(rng, cell, ratio) for _ in range(outages)]
        found = measure_all([("simulated", w.channel) for w in worlds])
        if cell.flood:
            voices = measure_all([("simulated", w.voices) for w in worlds])
            found = [with_voices(m, t) for m, t in zip(found, voices, strict=True)]
        self._judged: list[Measured] = [judge([m], DEFAULT_WORTH)[0] for m in found]
        self.mean, self.dispersion = rivals.known(cell, worlds)
        self.observed = np.array([w.posted for w in worlds], dtype=np.float64)
        self.alarms = np.array([rivals.alarm(w.channel) for w in worlds])

    def held(self) -> float:
        """How often the interval holds the truth; where nothing is said nothing is wrong."""
        found = [m.voices_ratio or m.ratio for m in self._judged]
        ok = [r is None or r.low <= self._ratio <= r.high for r in found]
        return sum(ok) / len(ok)

    def share(self, verdict: Verdict) -> float:
        return sum(m.verdict is verdict for m in self._judged) / len(self._judged)
