"""Sparklines of a day's hours, drawn by the template."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.report.data import Hour

HEIGHT, WIDTH, GAP = 26.0, 6, 2


@dataclass(frozen=True, slots=True)
class Bar:
    """One hour: the position of its bar, its height, and the height of the expected posts."""

    x: int
    height: float
    expected: float


def bars(hours: Sequence[Hour]) -> list[Bar]:
    """Return hours as bars; the highest observed or expected one is HEIGHT high."""
    most = max((max(float(h.posts), h.expected) for h in hours), default=0.0) or 1.0
    scale = HEIGHT / most
    return [
        Bar(n * (WIDTH + GAP), round(h.posts * scale, 1), round(h.expected * scale, 1))
        for n, h in enumerate(hours)
    ]
