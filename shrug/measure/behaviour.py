"""What people did and felt in each outage's window, from the store."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from analysis.behaviour.dynamics import Dynamics, dynamics
from analysis.behaviour.shares import (
    SEEN,
    Behaviour,
    Crowd,
    Mood,
    PerMinute,
    Turned,
    behaviour,
    felt,
    per_minute,
)
from analysis.report.data import OutageReport
from analysis.sentiment.scorers import Scorer
from analysis.statistics import pooling
from db import catalog
from db.core.engine import Store
from db.posts import labels
from db.posts.labels import AuthorActs, AuthorFeelings, Spans

# How long before an outage people's ways are taken for the usual ones.
USUAL = timedelta(weeks=4)


def behave(
    store: Store, outage: OutageReport, others: Spans, used: Mapping[str, Scorer]
) -> Behaviour | None:
    """What people did in the window of an outage against the four weeks before it, without the
    windows of this provider's `others` that are known."""
    start, end = outage.window
    before = (start - USUAL, start)
    without = [(a, b) for a, b in others if b > before[0] and a < before[1]]
    provider = outage.provider
    with store.reading() as connection:
        window = _crowd(labels.acts(connection, provider, start, end))
        usual = _crowd(labels.acts(connection, provider, *before, without))
        turned = labels.turned_to(connection, provider, start, end)
        posts = labels.times(connection, provider, start, end)
        moods = []
        for language, scorer in used.items():
            model, limit = (scorer.model, scorer.version), scorer.card.threshold
            moods.append(
                felt(
                    language,
                    model,
                    _mood(labels.feelings(connection, provider, model, limit, start, end)),
                    _mood(labels.feelings(connection, provider, model, limit, *before, without)),
                    scorer.card.errors,
                )
            )
    found = behaviour(window, usual, _named(turned), tuple(m for m in moods if m))
    if found is None:
        return None
    return replace(found, dynamics=_dynamics(outage, posts), complaints=_complaints(outage, found))


def _complaints(outage: OutageReport, found: Behaviour) -> PerMinute | None:
    combined = outage.combined
    if combined is None or combined.voices_expected is None:
        return None
    minutes = (outage.window[1] - outage.window[0]) / timedelta(minutes=1) * combined.coverage
    share = found.act("complaint")
    drawn = pooling.of_counts(found.posts, combined.voices_expected, combined.dispersion)
    return per_minute(share, minutes, combined.voices_expected, drawn)


def _dynamics(outage: OutageReport, posts: Sequence[tuple[datetime, bool]]) -> Dynamics:
    def minutes(at: datetime) -> float:
        return (at - outage.start).total_seconds() / 60

    combined = outage.combined
    hours = (outage.window[1] - outage.window[0]) / timedelta(hours=1)
    usual = combined.expected / hours if combined and combined.expected else 0.0
    return dynamics(
        np.array([minutes(at) for at, _ in posts], dtype=np.float64),
        np.array([minutes(at) for at, failed in posts if failed], dtype=np.float64),
        (minutes(outage.window[0]), minutes(outage.window[1])),
        usual,
    )


def _named(turned: Sequence[tuple[str, int]]) -> tuple[Turned, ...]:
    entries = catalog.providers()
    return tuple(Turned(k, entries[k].name_en, entries[k].name_zh, n) for k, n in turned)


def _crowd(rows: Sequence[AuthorActs]) -> Crowd:
    acts = np.array([r.acts for r in rows], dtype=np.float64).reshape(-1, len(labels.FLAGS))
    return Crowd(
        posts=np.array([r.posts for r in rows], dtype=np.float64),
        acts=acts[:, [labels.FLAGS.index(name) for name in SEEN]],
        others=np.array([r.others for r in rows], dtype=np.float64),
    )


def _mood(rows: Sequence[AuthorFeelings]) -> Mood:
    return Mood(
        posts=np.array([r.posts for r in rows], dtype=np.float64),
        total=np.array([r.total for r in rows], dtype=np.float64),
        bad=np.array([r.bad for r in rows], dtype=np.float64),
    )
