"""The verdict on an outage: noticed, shrugged, or can't tell, with its reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated

import numpy as np
from pydantic import Field
from scipy.stats import false_discovery_control

from analysis.attention.channel import Channel
from analysis.attention.expected import (
    FULL_HISTORY_DAYS,
    MIN_COVERED_SHARE,
    Expected,
    estimate_expected,
)
from analysis.field_types import Bound, Count, Internal, Probability
from analysis.statistics.interval import (
    Interval,
    minimum_detectable_ratio,
    ratio_bounds,
    upper_tail,
)

FALSE_DISCOVERIES = 0.05
PLACEBO_LEVEL = 0.05
DEFAULT_THRESHOLD = 2.0
MIN_REFERENCE_OUTAGES = 10
MIN_HISTORY_DAYS = 7
# One or two posts are nobody's attention, however rarely the provider is named there (as
# public-health surveillance raises no alarm on a handful of cases: Noufaily et al. 2013).
MIN_POSTS = 3
# From a handful of posts the moment estimate can be anything. Far beyond this the distribution
# is nearly all zeros, and the interval would leave out the very ratio that was seen.
MAX_DISPERSION = 5.0


class Verdict(StrEnum):
    """Whether people noticed an outage."""

    NOTICED = "noticed"
    SHRUGGED = "shrugged"
    CANT_TELL = "can't tell"


class Reason(StrEnum):
    """The reason for a verdict; the catalogue of messages has a sentence for each."""

    EXCESS = "excess"
    EXCESS_SMALL = "excess_small"
    EQUIVALENT = "equivalent"
    NOT_COVERED = "not_covered"
    NO_HISTORY = "no_history"
    SILENT_SOURCE = "silent_source"
    DISAGREE = "disagree"
    CAPPED = "capped"
    FLOOD = "flood"
    TOO_FEW = "too_few"
    NO_SOURCE = "no_source"
    FOUND_ON_BOARD = "found_on_board"
    FOUND_IN_POSTS = "found_in_posts"


@dataclass(frozen=True, slots=True)
class Measurement:
    """Attention on one source, or on all together: the window's posts against those that it would
    have held without an outage. Ratio and excess are null if there is nothing to compare with."""

    source: str
    observed: Count
    expected: Annotated[
        float | None, Field(description="Posts that the window would have held without an outage.")
    ]
    # Of the window's count, doubt about `expected` included.
    dispersion: Internal[float]
    ratio: Interval | None
    excess: Interval | None
    p_value: Annotated[Probability | None, Field(description="Two-sided, of no attention.")]
    placebo_p: Annotated[
        Probability | None,
        Field(description="Rank of the window among the same hours of earlier days."),
    ]
    coverage: Annotated[Probability, Field(description="Share of the window that was read.")]
    minimum_detectable_ratio: Bound
    capped: bool
    history_days: Count
    history_posts: Annotated[Count, Field(description="Posts in the hours of the baseline.")]
    blocks: Annotated[Count, Field(serialization_alias="baseline_blocks")]
    hourly: Internal[tuple[float, ...]]
    verdict: Verdict
    reason: Reason
    voices: Annotated[
        Count | None,
        Field(description="Posts in the window with no text and no author twice in an hour."),
    ] = None
    voices_expected: Annotated[
        float | None, Field(description="What `voices` would have been without an outage.")
    ] = None
    voices_ratio: Interval | None = None


def add_voices(posts: Measurement, voices: Measurement) -> Measurement:
    """Add the measurement of voices: no text and no author counts twice in an hour."""
    return replace(
        posts,
        voices=voices.observed,
        voices_expected=voices.expected,
        voices_ratio=voices.ratio,
    )


def measure(source: str, channel: Channel) -> Measurement:
    """Measure the attention on one source; `judge` gives the verdict once all are measured."""
    return measure_all([(source, channel)])[0]


def measure_all(channels: Sequence[tuple[str, Channel]]) -> list[Measurement]:
    """Measure many (source, channel) pairs, with their intervals computed in one go."""
    measured, comparable = [], {}
    for i, (source, channel) in enumerate(channels):
        blank, expected = _uncompared(source, channel)
        measured.append(blank)
        if expected:
            comparable[i] = (blank, channel, expected)
    if comparable:
        for i, compared in zip(comparable, _compared([*comparable.values()]), strict=True):
            measured[i] = compared
    return measured


def _uncompared(source: str, channel: Channel) -> tuple[Measurement, Expected | None]:
    """What is known before comparing, and the expectation, or None if nothing can be compared."""
    expected = estimate_expected(channel)
    coverage = min(1.0, channel.window_exposure / max(channel.window_hours, 1e-9))
    blank = Measurement(
        source, channel.observed, None, 0.0, None, None, None, None, coverage, None,
        channel.capped, 0, int(channel.counts.sum()), 0, (), Verdict.CANT_TELL, Reason.NOT_COVERED,
    )  # fmt: skip
    if coverage < MIN_COVERED_SHARE:
        return blank, None
    if expected is None or expected.history_days < MIN_HISTORY_DAYS or expected.mean <= 0:
        days = expected.history_days if expected else 0
        return replace(blank, reason=Reason.NO_HISTORY, history_days=days), None
    if channel.control == 0:
        return replace(blank, reason=Reason.SILENT_SOURCE, expected=expected.mean), None
    return blank, expected


def _compared(parts: Sequence[tuple[Measurement, Channel, Expected]]) -> list[Measurement]:
    means = np.array([expected.mean for _, _, expected in parts])
    dispersions = np.array([_widened(expected) for _, _, expected in parts])
    observed = np.array([channel.observed for _, channel, _ in parts])
    lows, highs = ratio_bounds(observed, means, dispersions)
    tails = upper_tail(observed, means, dispersions)
    least = minimum_detectable_ratio(means, dispersions)
    compared = []
    for i, (blank, channel, expected) in enumerate(parts):
        bounds = float(lows[i]), float(highs[i])
        ratio, excess = _ratio(channel.observed, expected.mean, *bounds, capped=channel.capped)
        # The slack is for rounding: ratios of equal counts differ by the level of their days.
        at_least = expected.block_ratios * expected.mean >= channel.observed - 1e-9
        compared.append(
            replace(
                blank,
                expected=expected.mean,
                dispersion=float(dispersions[i]),
                ratio=ratio,
                excess=excess,
                p_value=min(1.0, 2 * float(tails[i])),
                placebo_p=float((1 + at_least.sum()) / (1 + expected.blocks)),
                minimum_detectable_ratio=float(least[i]),
                history_days=expected.history_days,
                blocks=expected.blocks,
                hourly=tuple(float(x) for x in expected.hourly),
                reason=Reason.TOO_FEW,
            )
        )
    return compared


def _widened(expected: Expected) -> float:
    """Dispersion with the uncertainty of the expected count added, and multiplied if the history is
    shorter than four weeks."""
    short = max(1.0, FULL_HISTORY_DAYS / expected.history_days)
    dispersion = (expected.dispersion + expected.doubt * (1 + expected.dispersion)) * short
    return min(dispersion, MAX_DISPERSION)


def _ratio(
    observed: int, mean: float, low: float, high: float, *, capped: bool
) -> tuple[Interval, Interval]:
    high = float("inf") if capped else high
    ratio = Interval(observed / mean, low, high)
    return ratio, Interval(observed - mean, (low - 1) * mean, (high - 1) * mean)


def combine(channels: Sequence[Measurement]) -> Measurement | None:
    """Combine all sources that can be compared: summed counts over summed expectations.

    Errors of sources are taken as independent. None if no source can be compared.
    """
    usable = [c for c in channels if c.ratio is not None and c.expected is not None]
    if not usable:
        return None
    means = np.array([c.expected for c in usable], dtype=np.float64)
    mean = float(means.sum())
    dispersion = float((np.array([c.dispersion for c in usable]) * means**2).sum() / mean**2)
    observed = sum(c.observed for c in usable)
    capped = any(c.capped for c in usable)
    voices = _sum(c.voices for c in usable)
    low, high = (float(x) for x in ratio_bounds(observed, mean, dispersion))
    ratio, excess = _ratio(observed, mean, low, high, capped=capped)
    return replace(
        usable[0],
        source="all",
        history_posts=sum(c.history_posts for c in usable),
        observed=observed,
        expected=mean,
        dispersion=dispersion,
        ratio=ratio,
        excess=excess,
        p_value=min(1.0, 2 * float(upper_tail(observed, mean, dispersion))),
        placebo_p=None,
        coverage=float(np.average([c.coverage for c in usable], weights=means)),
        minimum_detectable_ratio=float(minimum_detectable_ratio(mean, dispersion)),
        capped=capped,
        voices=None if voices is None else int(voices),
        voices_expected=_sum(c.voices_expected for c in usable),
        voices_ratio=None,
    )


def _sum(values: Iterable[float | None]) -> float | None:
    """The sum, or None if one of them is not known."""
    known = list(values)
    return None if None in known else sum(v for v in known if v is not None)


def attention_threshold(reference: Sequence[float]) -> float:
    """The smallest ratio that counts as attention: the reference class's median, or 2."""
    return (
        float(np.median(reference))
        if len(reference) >= MIN_REFERENCE_OUTAGES
        else DEFAULT_THRESHOLD
    )


def judge(channels: Sequence[Measurement], worth: float) -> list[Measurement]:
    """Give every channel its verdict, with a false discovery rate of 5% among them.

    (Benjamini & Hochberg 1995, Journal of the Royal Statistical Society B 57.)
    """
    tested = [i for i, c in enumerate(channels) if c.p_value is not None]
    adjusted = dict.fromkeys(range(len(channels)), 1.0)
    if tested:
        values = false_discovery_control([channels[i].p_value or 0.0 for i in tested])
        adjusted.update(zip(tested, (float(v) for v in values), strict=True))
    return [_judge(c, worth, adjusted[i]) for i, c in enumerate(channels)]


def _judge(channel: Measurement, worth: float, adjusted: float) -> Measurement:
    if channel.ratio is None:
        return channel
    significant = (
        channel.ratio.low > 1 and adjusted <= FALSE_DISCOVERIES and channel.observed >= MIN_POSTS
    )
    # With fewer than 19 earlier days no rank is rarer than 1 in (days + 1).
    rarest = max(PLACEBO_LEVEL, 1 / (1 + channel.blocks))
    placebo_agrees = channel.placebo_p is not None and channel.placebo_p <= rarest
    small = channel.ratio.high < worth
    agree = channel.voices_ratio is None or channel.voices_ratio.low > 1
    if significant and placebo_agrees and agree:
        reason = Reason.EXCESS_SMALL if small else Reason.EXCESS
        return replace(channel, verdict=Verdict.NOTICED, reason=reason)
    if significant:
        reason = Reason.DISAGREE if agree else Reason.FLOOD
        return replace(channel, verdict=Verdict.CANT_TELL, reason=reason)
    if small:
        return replace(channel, verdict=Verdict.SHRUGGED, reason=Reason.EQUIVALENT)
    reason = Reason.CAPPED if channel.capped else Reason.TOO_FEW
    return replace(channel, verdict=Verdict.CANT_TELL, reason=reason)


def overall_verdict(
    channels: Sequence[Measurement], combined: Measurement | None, worth: float
) -> tuple[Verdict, Reason]:
    """The outage's verdict over all sources.

    Noticed if any source noticed; shrugged if all sources together rule attention out and the
    source that usually has most posts was read; otherwise can't tell, for that source's reason.
    """
    if not channels:
        return Verdict.CANT_TELL, Reason.NO_SOURCE
    noticed = [c for c in channels if c.verdict is Verdict.NOTICED]
    if noticed:
        small = all(c.reason is Reason.EXCESS_SMALL for c in noticed)
        return Verdict.NOTICED, Reason.EXCESS_SMALL if small else Reason.EXCESS
    for reason in (Reason.DISAGREE, Reason.FLOOD):
        if any(c.reason is reason for c in channels):
            return Verdict.CANT_TELL, reason
    usual = max(channels, key=lambda c: c.history_posts)
    if usual.ratio and combined and combined.ratio and combined.ratio.high < worth:
        return Verdict.SHRUGGED, Reason.EQUIVALENT
    if usual.verdict is Verdict.CANT_TELL:
        return Verdict.CANT_TELL, usual.reason
    return Verdict.CANT_TELL, Reason.TOO_FEW
