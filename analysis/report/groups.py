"""Outages taken together: of a class, of a provider, on a source, in a year."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta

from analysis.attention.verdicts import Measured
from analysis.report.data import AttentionTrend, OutageReport, Together
from analysis.statistics import pooling
from analysis.statistics.pooling import LogRatio

# Two have an interval over one degree of freedom: it says nothing, at length.
LEAST = 3
# A trend needs as many outages, spread over as much time.
LEAST_TREND, LEAST_SPREAD = 5, timedelta(days=60)
YEAR = 365.25 * 86400


def together(outages: Sequence[OutageReport]) -> tuple[Together, ...]:
    """Pooled attention of every group of at least LEAST confirmed outages that were measured.

    Sources and years pool AI's outages only: a year is not quieter for holding more of games. A
    single year is left out, since it would repeat AI's row. One outage of a small provider seldom
    proves silence; twenty together can.
    """
    known = [o for o in outages if o.confirmed]
    ai = [o for o in known if o.provider_kind == "ai"]
    years = [(str(o.start.year), o.combined) for o in ai]
    return (
        *_pooled("class", ((o.provider_kind, o.combined) for o in known)),
        *(_pooled("year", years) if len({year for year, _ in years}) > 1 else []),
        *_pooled("source", ((c.source, c) for o in ai for c in o.channels)),
        *_pooled("provider", ((o.provider, o.combined) for o in known)),
    )


def attention_trend(outages: Sequence[OutageReport]) -> AttentionTrend | None:
    """How the attention ratio of confirmed AI outages changes a year; None with under LEAST_TREND
    of them, or with all of them inside LEAST_SPREAD: a year can't be told from a month."""
    own = [o for o in outages if o.confirmed and o.provider_kind == "ai"]
    measured = [(o.start, ratio) for o in own if (ratio := log_ratio(o.combined)) is not None]
    times = [at for at, _ in measured]
    if len(measured) < LEAST_TREND or max(times) - min(times) < LEAST_SPREAD:
        return None
    found = pooling.slope([at.timestamp() / YEAR for at in times], [r for _, r in measured])
    return AttentionTrend(len(measured), found) if found else None


def log_ratio(measured: Measured | None) -> LogRatio | None:
    """The log of a measured attention ratio; None where there is none, or only a lower bound."""
    if measured is None or measured.ratio is None or measured.expected is None or measured.capped:
        return None
    return pooling.of_counts(measured.observed, measured.expected, measured.dispersion)


def _pooled(group: str, members: Iterable[tuple[str, Measured | None]]) -> list[Together]:
    by_key: dict[str, list[LogRatio]] = defaultdict(list)
    for key, measured in members:
        if (ratio := log_ratio(measured)) is not None:
            by_key[key].append(ratio)
    return [
        Together(group, key, pooled.number, pooled.ratio, pooled.spread, pooled.q_p)
        for key, ratios in sorted(by_key.items())
        if len(ratios) >= LEAST and (pooled := pooling.pool(ratios))
    ]
