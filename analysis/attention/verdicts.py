"""From a channel to a verdict: noticed, shrugged, or can't tell, each with its reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated

import numpy as np
from pydantic import Field
from scipy.stats import false_discovery_control

from analysis.attention.channel import Channel
from analysis.attention.expected import FULL_HISTORY_DAYS, MISSING, Expected, expect
from analysis.field_types import Bound, Count, Internal, Probability
from analysis.statistics.interval import (
    Interval,
    minimum_detectable_ratio,
    ratio_bounds,
    upper_tail,
)

FALSE_DISCOVERIES = 0.05
PLACEBO = 0.05
DEFAULT_WORTH = 2.0
LEAST_REFERENCE = 10
LEAST_HISTORY_DAYS = 7
# One or two posts are nobody's attention, however rarely the provider is named there (as
# public-health surveillance raises no alarm on a handful of cases: Noufaily et al. 2013).
LEAST_POSTS = 3
# From a handful of posts the moment estimate can be anything. Far beyond this the distribution
# is nearly all zeros, and the interval would leave out the very ratio that was seen.
MOST_DISPERSION = 5.0


class Verdict(StrEnum):
    NOTICED = "noticed"
    SHRUGGED = "shrugged"
    CANT_TELL = "can't tell"


class Reason(StrEnum):
    """Why a verdict is what it is; each has a sentence in the catalogue of messages."""

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
class Measured:
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


def with_voices(posts: Measured, voices: Measured) -> Measured:
    """With what the same window holds where no text and no author counts twice in an hour."""
    return replace(
        posts,
        voices=voices.observed,
        voices_expected=voices.expected,
        voices_ratio=voices.ratio,
    )


def measure(source: str, channel: Channel) -> Measured:
    """Attention on one source; the verdict stays open until all outages are seen (`judge`)."""
    return measure_all([(source, channel)])[0]


def measure_all(channels: Sequence[tuple[str, Channel]]) -> list[Measured]:
    """Attention on many (source, channel) pairs at once: their intervals are found together."""
    found = [_begun(source, channel) for source, channel in channels]
    open_ = [i for i, (_, expected) in enumerate(found) if expected is not None]
    if open_:
        pairs = [(channels[i][1], expected) for i in open_ if (expected := found[i][1])]
        for i, compared in zip(open_, _compared([found[i][0] for i in open_], pairs), strict=True):
            found[i] = (compared, None)
    return [measured for measured, _ in found]


def _begun(source: str, channel: Channel) -> tuple[Measured, Expected | None]:
    """What is known before comparing, and what to compare with; None where nothing can be."""
    expected = expect(channel)
    coverage = min(1.0, channel.window_exposure / max(channel.window_hours, 1e-9))
    blank = Measured(
        source, channel.observed, None, 0.0, None, None, None, None, coverage, None,
        channel.capped, 0, int(channel.counts.sum()), 0, (), Verdict.CANT_TELL, Reason.NOT_COVERED,
    )  # fmt: skip
    if coverage < MISSING:
        return blank, None
    if expected is None or expected.history_days < LEAST_HISTORY_DAYS or expected.mean <= 0:
        days = expected.history_days if expected else 0
        return replace(blank, reason=Reason.NO_HISTORY, history_days=days), None
    if channel.control == 0:
        return replace(blank, reason=Reason.SILENT_SOURCE, expected=expected.mean), None
    return blank, expected


def _compared(
    blanks: Sequence[Measured], pairs: Sequence[tuple[Channel, Expected]]
) -> list[Measured]:
    means = np.array([e.mean for _, e in pairs])
    dispersions = np.array([_doubted(e) for _, e in pairs])
    observed = np.array([c.observed for c, _ in pairs])
    lows, highs = ratio_bounds(observed, means, dispersions)
    tails = upper_tail(observed, means, dispersions)
    least = minimum_detectable_ratio(means, dispersions)
    found = []
    for i, (blank, (channel, expected)) in enumerate(zip(blanks, pairs, strict=True)):
        bounds = float(lows[i]), float(highs[i])
        ratio, excess = _ratio(channel.observed, expected.mean, *bounds, capped=channel.capped)
        # A slack for rounding: ratios of equal counts differ by the level of their own days.
        at_least = expected.block_ratios * expected.mean >= channel.observed - 1e-9
        found.append(
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
    return found


def _doubted(expected: Expected) -> float:
    """Dispersion with the doubt about the expected count added; a short history is widened in
    proportion to what is missing of four weeks."""
    short = max(1.0, FULL_HISTORY_DAYS / expected.history_days)
    dispersion = (expected.dispersion + expected.doubt * (1 + expected.dispersion)) * short
    return min(dispersion, MOST_DISPERSION)


def _ratio(
    observed: int, mean: float, low: float, high: float, *, capped: bool
) -> tuple[Interval, Interval]:
    high = float("inf") if capped else high
    ratio = Interval(observed / mean, low, high)
    return ratio, Interval(observed - mean, (low - 1) * mean, (high - 1) * mean)


def combine(channels: Sequence[Measured]) -> Measured | None:
    """All sources that can be compared, taken together: summed counts over summed expectation.

    Their errors are taken as independent between sources; None where no source can be compared.
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
    """The sum, or None where one of them is not known."""
    known = list(values)
    return None if None in known else sum(v for v in known if v is not None)


def worth_calling(reference: Sequence[float]) -> float:
    """R, the smallest ratio worth calling attention: the reference class's median, or 2."""
    return float(np.median(reference)) if len(reference) >= LEAST_REFERENCE else DEFAULT_WORTH


def judge(channels: Sequence[Measured], worth: float) -> list[Measured]:
    """Verdicts of all channels looked at, false discoveries among them held at 5%.

    (Benjamini & Hochberg 1995, Journal of the Royal Statistical Society B 57.)
    """
    tested = [i for i, c in enumerate(channels) if c.p_value is not None]
    adjusted = dict.fromkeys(range(len(channels)), 1.0)
    if tested:
        values = false_discovery_control([channels[i].p_value or 0.0 for i in tested])
        adjusted.update(zip(tested, (float(v) for v in values), strict=True))
    return [_judge(c, worth, adjusted[i]) for i, c in enumerate(channels)]


def _judge(channel: Measured, worth: float, adjusted: float) -> Measured:
    if channel.ratio is None:
        return channel
    significant = (
        channel.ratio.low > 1 and adjusted <= FALSE_DISCOVERIES and channel.observed >= LEAST_POSTS
    )
    # With fewer than 19 earlier days no rank is rarer than 1 in (days + 1).
    rarest = max(PLACEBO, 1 / (1 + channel.blocks))
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


def overall(
    channels: Sequence[Measured], combined: Measured | None, worth: float
) -> tuple[Verdict, Reason]:
    """The outage's verdict: noticed where any source noticed; shrugged where all sources taken
    together rule attention out and the one that usually has most posts was read; else can't
    tell, with what that source lacks."""
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
