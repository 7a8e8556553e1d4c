"""Groups of outages pooled: by class, provider, source and year."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta

from analysis.attention.verdicts import Measurement
from analysis.report.data import AttentionTrend, OutageReport, PooledOutages
from analysis.statistics import pooling
from analysis.statistics.pooling import LogRatio

# The interval of two has one degree of freedom and is too wide to say anything.
MIN_OUTAGES = 3
# A trend needs as many outages, spread over as much time.
MIN_TREND_OUTAGES, MIN_TREND_SPAN = 5, timedelta(days=60)
YEAR = 365.25 * 86400


def pool_groups(outages: Sequence[OutageReport]) -> tuple[PooledOutages, ...]:
    """Pool the attention of every group of at least LEAST confirmed outages that were measured.

    Sources and years pool AI's outages only, so that a year with more outages of games does not
    look quieter. A single year is left out because it would repeat AI's row. One outage of a small
    provider seldom proves silence; twenty together can.
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
    confirmed = [o for o in outages if o.confirmed and o.provider_kind == "ai"]
    measured = [(o.start, ratio) for o in confirmed if (ratio := log_ratio(o.combined)) is not None]
    times = [at for at, _ in measured]
    if len(measured) < MIN_TREND_OUTAGES or max(times) - min(times) < MIN_TREND_SPAN:
        return None
    slope = pooling.slope([at.timestamp() / YEAR for at in times], [r for _, r in measured])
    return AttentionTrend(len(measured), slope) if slope else None


def log_ratio(measured: Measurement | None) -> LogRatio | None:
    """The log of a measured attention ratio; None if there is none, or only a lower bound."""
    if measured is None or measured.ratio is None or measured.expected is None or measured.capped:
        return None
    return pooling.log_ratio_of_counts(measured.observed, measured.expected, measured.dispersion)


def _pooled(group: str, members: Iterable[tuple[str, Measurement | None]]) -> list[PooledOutages]:
    by_key: dict[str, list[LogRatio]] = defaultdict(list)
    for key, measured in members:
        if (ratio := log_ratio(measured)) is not None:
            by_key[key].append(ratio)
    return [
        PooledOutages(group, key, pooled.number, pooled.ratio, pooled.spread, pooled.q_p)
        for key, ratios in sorted(by_key.items())
        if len(ratios) >= MIN_OUTAGES and (pooled := pooling.pool(ratios))
    ]
