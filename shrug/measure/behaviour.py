"""What people did and felt in an outage's window, read from the store."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import numpy as np

from analysis.behaviour.dynamics import Dynamics, measure_dynamics
from analysis.behaviour.shares import (
    COUNTED_ACTS,
    AuthorCounts,
    AuthorScores,
    Behaviour,
    NamedAlternative,
    PerMinute,
    measure_behaviour,
    measure_mood,
    per_minute,
)
from analysis.report.data import OutageReport
from analysis.sentiment.scorers import Scorer
from analysis.statistics import pooling
from db import catalog
from db.core.engine import Store
from db.posts import labels
from db.posts.labels import AuthorActs, AuthorSentiment, ExcludedSpans

# The usual behaviour is that of this long before an outage.
BASELINE_PERIOD = timedelta(weeks=4)


def outage_behaviour(
    store: Store, outage: OutageReport, others: ExcludedSpans, used: Mapping[str, Scorer]
) -> Behaviour | None:
    """Compare what people did in an outage's window with the four weeks before it.

    others: windows of the provider's other outages, which are left out. Returns None if nobody
    spoke of the provider.
    """
    start, end = outage.window
    before = (start - BASELINE_PERIOD, start)
    without = [(a, b) for a, b in others if b > before[0] and a < before[1]]
    provider = outage.provider
    with store.reading() as connection:
        window = _author_counts(labels.acts_by_author(connection, provider, start, end))
        usual = _author_counts(labels.acts_by_author(connection, provider, *before, without))
        turned = labels.switch_targets(connection, provider, start, end)
        posts = labels.labelled_times(connection, provider, start, end)
        moods = []
        for language, scorer in used.items():
            card, model = scorer.card, (scorer.model, scorer.version)
            read = partial(labels.sentiment_by_author, connection, provider, model, card.threshold)
            inside, outside = read(start, end), read(*before, without)
            scores = _author_scores(inside), _author_scores(outside)
            moods.append(measure_mood(language, model, *scores, card.reference_quality))
    alternatives = _named_alternatives(turned)
    measured = measure_behaviour(window, usual, alternatives, tuple(m for m in moods if m))
    if measured is None:
        return None
    complaints = _complaints(outage, measured)
    return replace(measured, dynamics=_dynamics(outage, posts), complaints=complaints)


def _complaints(outage: OutageReport, measured: Behaviour) -> PerMinute | None:
    combined = outage.combined
    if combined is None or combined.voices_expected is None:
        return None
    minutes = (outage.window[1] - outage.window[0]) / timedelta(minutes=1) * combined.coverage
    share = measured.act("complaint")
    drawn = pooling.log_ratio_of_counts(
        measured.posts, combined.voices_expected, combined.dispersion
    )
    return per_minute(share, minutes, combined.voices_expected, drawn)


def _dynamics(outage: OutageReport, posts: Sequence[tuple[datetime, bool]]) -> Dynamics:
    def minutes(at: datetime) -> float:
        return (at - outage.start).total_seconds() / 60

    combined = outage.combined
    hours = (outage.window[1] - outage.window[0]) / timedelta(hours=1)
    usual = combined.expected / hours if combined and combined.expected else 0.0
    return measure_dynamics(
        np.array([minutes(at) for at, _ in posts], dtype=np.float64),
        np.array([minutes(at) for at, failed in posts if failed], dtype=np.float64),
        (minutes(outage.window[0]), minutes(outage.window[1])),
        usual,
    )


def _named_alternatives(turned: Sequence[tuple[str, int]]) -> tuple[NamedAlternative, ...]:
    entries = catalog.providers()
    return tuple(NamedAlternative(k, entries[k].name_en, entries[k].name_zh, n) for k, n in turned)


def _author_counts(rows: Sequence[AuthorActs]) -> AuthorCounts:
    acts = np.array([r.acts for r in rows], dtype=np.float64).reshape(-1, len(labels.FLAGS))
    return AuthorCounts(
        posts=np.array([r.posts for r in rows], dtype=np.float64),
        acts=acts[:, [labels.FLAGS.index(name) for name in COUNTED_ACTS]],
        others=np.array([r.naming_others for r in rows], dtype=np.float64),
    )


def _author_scores(rows: Sequence[AuthorSentiment]) -> AuthorScores:
    return AuthorScores(
        posts=np.array([r.posts for r in rows], dtype=np.float64),
        total=np.array([r.total for r in rows], dtype=np.float64),
        bad=np.array([r.bad for r in rows], dtype=np.float64),
    )
