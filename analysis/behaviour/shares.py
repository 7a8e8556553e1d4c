"""What people did and felt during an outage, against what they do and feel otherwise.

Posts of one author are not independent, so every interval counts authors, not posts: the
variance of a share is that of a ratio over authors (the linearised form of resampling them,
Cochran 1977, Sampling Techniques, 6.4), which needs no random numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import Annotated

import numpy as np
from pydantic import Field, PlainSerializer

from analysis.behaviour.dynamics import Dynamics
from analysis.field_types import Count, Internal, Positive, Probability
from analysis.labels.acts import ACTS
from analysis.sentiment.card import Quality
from analysis.sentiment.prevalence import correct_prevalence
from analysis.statistics import pooling
from analysis.statistics.arrays import Floats
from analysis.statistics.interval import NORMAL_975, Interval
from analysis.statistics.pooling import LogRatio

# What is counted in posts: that they say that the provider failed, and each act.
COUNTED_ACTS = ("failed", *ACTS)
# With fewer scored posts than this no mood is measured.
MIN_SCORED_POSTS = 5
# No author counts for more posts than this in a share.
MAX_POSTS_PER_AUTHOR = 10.0


@dataclass(frozen=True, slots=True)
class AuthorCounts:
    """Counts per author: posts, shape (n,); posts with each of COUNTED_ACTS, shape (n, acts); posts
    that name another provider, shape (n,)."""

    posts: Floats
    acts: Floats
    others: Floats


@dataclass(frozen=True, slots=True)
class AuthorScores:
    """Counts per author, shape (n,): scored posts, the sum of their scores, those called bad."""

    posts: Floats
    total: Floats
    bad: Floats


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many posts, their share, and its lift over the baseline's share (1 is as
    ever; null if neither has any)."""

    name: Internal[str]
    posts: Count
    share: Interval
    usual: Interval | None
    lift: Interval | None


@dataclass(frozen=True, slots=True)
class PerMinute:
    """Posts that do something, a minute of the window that was read; the same without an outage;
    and how many times that is, with its interval (null if there usually is none)."""

    rate: Annotated[float, Field(serialization_alias="a_minute")]
    usual: float
    times: Annotated[Interval | None, Field(serialization_alias="times_usual")]


@dataclass(frozen=True, slots=True)
class LanguageMood:
    """How posts of one language felt: the share called bad, the same corrected for the scorer's
    error (null if nothing is left to tell), the corrected share of the baseline, and the mean
    score less the baseline's."""

    language: str
    model: Annotated[str, Field(serialization_alias="scorer")]
    version: str
    posts: Positive
    called: Annotated[Probability, Field(serialization_alias="called_bad")]
    bad: Interval | None
    usual: Annotated[Interval | None, Field(serialization_alias="usually_bad")]
    shift: Annotated[Interval | None, Field(serialization_alias="mean_score_shift")]


@dataclass(frozen=True, slots=True)
class NamedAlternative:
    """A provider that people turn to, and in how many posts."""

    provider: str
    name_en: Internal[str]
    name_zh: Internal[str]
    posts: Positive


def _by_name(shares: Sequence[Share]) -> dict[str, Share]:
    return {share.name: share for share in shares}


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What people did and felt in an outage's window, near-copies once. `usual` is of the four
    weeks before, without known outages; `lift` is the ratio of both shares."""

    posts: Positive
    authors: Positive
    usual_posts: Annotated[Count, Field(description="Posts of the baseline.")]
    # In the order of COUNTED_ACTS.
    acts: Annotated[
        tuple[Share, ...],
        PlainSerializer(_by_name, return_type=dict[str, Share]),
        Field(
            json_schema_extra={
                "propertyNames": {"enum": [*COUNTED_ACTS]},
                "required": [*COUNTED_ACTS],
            }
        ),
    ]
    others: Annotated[Share, Field(serialization_alias="names_another_provider")]
    turned_to: Annotated[tuple[NamedAlternative, ...], Field(description="Most posts first.")]
    felt: tuple[LanguageMood, ...]
    dynamics: Dynamics | None = None
    complaints: PerMinute | None = None

    def act(self, name: str) -> Share:
        """The share of one of COUNTED_ACTS."""
        return self.acts[COUNTED_ACTS.index(name)]


def _weights(posts: Floats) -> Floats:
    """A factor for each author, so that none counts for more than MAX_POSTS_PER_AUTHOR."""
    return np.asarray(np.minimum(1.0, MAX_POSTS_PER_AUTHOR / np.maximum(posts, 1.0)), np.float64)


def _capped(counts: AuthorCounts) -> AuthorCounts:
    weights = _weights(counts.posts)
    acts = counts.acts * weights[:, None]
    return AuthorCounts(counts.posts * weights, acts, counts.others * weights)


def _capped_scores(scores: AuthorScores) -> AuthorScores:
    weights = _weights(scores.posts)
    return AuthorScores(scores.posts * weights, scores.total * weights, scores.bad * weights)


def measure_behaviour(
    window: AuthorCounts,
    usual: AuthorCounts,
    turned_to: tuple[NamedAlternative, ...],
    felt: tuple[LanguageMood, ...],
) -> Behaviour | None:
    """Measure what people did against the baseline; None without a post."""
    if not window.posts.sum():
        return None
    capped, before = _capped(window), _capped(usual)
    return Behaviour(
        posts=int(window.posts.sum()),
        authors=len(window.posts),
        usual_posts=int(usual.posts.sum()),
        acts=tuple(
            _share(
                name,
                window.acts[:, i],
                (capped.acts[:, i], capped.posts),
                (before.acts[:, i], before.posts),
            )
            for i, name in enumerate(COUNTED_ACTS)
        ),
        others=_share(
            "others", window.others, (capped.others, capped.posts), (before.others, before.posts)
        ),
        turned_to=turned_to,
        felt=felt,
    )


def measure_mood(
    language: str,
    model: tuple[str, str],
    window: AuthorScores,
    usual: AuthorScores,
    errors: Quality,
) -> LanguageMood | None:
    """Measure how posts felt against the baseline; None under MIN_SCORED_POSTS."""
    if window.posts.sum() < MIN_SCORED_POSTS:
        return None
    number = int(window.posts.sum())
    window, usual = _capped_scores(window), _capped_scores(usual)
    return LanguageMood(
        language=language,
        model=model[0],
        version=model[1],
        posts=number,
        called=float(window.bad.sum() / window.posts.sum()),
        bad=_corrected(window, errors),
        usual=_corrected(usual, errors),
        shift=_shift(window, usual),
    )


def _corrected(mood: AuthorScores, errors: Quality) -> Interval | None:
    if not mood.posts.sum():
        return None
    share = float(mood.bad.sum() / mood.posts.sum())
    number = effective_number(mood.bad, mood.posts)
    return correct_prevalence(share, number, errors.sensitivity, errors.specificity)


def variance(counts: Floats, posts: Floats) -> float:
    """The variance of sum(counts) / sum(posts) over authors; infinite with fewer than two."""
    n = len(posts)
    if n < 2:
        return float("inf")
    mean = counts.sum() / posts.sum()
    residuals = counts - mean * posts
    return float(n / (n - 1) * (residuals**2).sum() / posts.sum() ** 2)


def effective_number(counts: Floats, posts: Floats) -> float:
    """The number of independent posts that would give a share the same variance (1 to all)."""
    total, share = float(posts.sum()), float(counts.sum() / posts.sum())
    spread = variance(counts, posts)
    if share in (0.0, 1.0) or not spread:
        # Nothing varies, so only the number of authors counts.
        return float(len(posts))
    return min(total, max(1.0, share * (1 - share) / spread))


def per_minute(share: Share, minutes: float, expected: float, drawn: LogRatio) -> PerMinute | None:
    """The posts a minute that do something, against the usual rate; None if that is not known.

    share: of the posts that do it. minutes: of the window that were read. expected: posts without
    an outage. drawn: log ratio of the window's posts to those. The ratio of the rates is the lift
    of the share times the ratio of posts, with their errors taken as independent.
    """
    if share.usual is None or minutes <= 0:
        return None
    times = None
    if share.lift and share.usual.estimate:
        doubt = (log(share.lift.high) - log(share.lift.low)) / (2 * NORMAL_975)
        both = log(share.lift.estimate) + drawn.value
        times = pooling.ratio_interval(LogRatio(both, doubt**2 + drawn.variance))
    return PerMinute(share.posts / minutes, share.usual.estimate * expected / minutes, times)


def _share(
    name: str, counted: Floats, hits: tuple[Floats, Floats], usual: tuple[Floats, Floats]
) -> Share:
    """counted: without limit. hits, usual: (hits, posts) with every author limited."""
    return Share(
        name=name,
        posts=int(counted.sum()),
        share=_wilson(*hits),
        usual=_wilson(*usual) if usual[1].sum() else None,
        lift=_lift(*hits, *usual),
    )


def _wilson(hits: Floats, posts: Floats) -> Interval:
    """A share with Wilson's interval (1927) at the effective number of posts."""
    share, number = float(hits.sum() / posts.sum()), effective_number(hits, posts)
    z2 = NORMAL_975**2
    middle = (share + z2 / (2 * number)) / (1 + z2 / number)
    half = (
        NORMAL_975 / (1 + z2 / number) * sqrt(share * (1 - share) / number + z2 / (4 * number**2))
    )
    return Interval(share, max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half)))


def _lift(hits: Floats, posts: Floats, usual_hits: Floats, usual: Floats) -> Interval | None:
    """The ratio of two shares, its interval on the log scale (Katz 1978) at effective numbers."""
    if not usual.sum() or not (hits.sum() or usual_hits.sum()):
        return None
    numbers = [effective_number(h, n) for h, n in ((hits, posts), (usual_hits, usual))]
    during = float(hits.sum() / posts.sum()) * numbers[0]
    before = float(usual_hits.sum() / usual.sum()) * numbers[1]
    return pooling.ratio_interval(
        pooling.log_ratio_of_shares(during, numbers[0], before, numbers[1])
    )


def _shift(window: AuthorScores, usual: AuthorScores) -> Interval | None:
    """Mean score minus the baseline's, over authors; None with fewer than two on either side."""
    if min(len(window.posts), len(usual.posts)) < 2:
        return None
    means = [float(m.total.sum() / m.posts.sum()) for m in (window, usual)]
    spread = sum(variance(m.total, m.posts) for m in (window, usual))
    estimate, half = means[0] - means[1], NORMAL_975 * sqrt(spread)
    return Interval(estimate, estimate - half, estimate + half)
