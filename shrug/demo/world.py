"""A simulated world with known true effects: its posts and its board snapshots."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

import numpy as np

from analysis.attention.windows import Parameters
from analysis.statistics.arrays import Floats
from db import catalog
from db.core.records import Snapshot, SnapshotEntry
from shrug.demo.plan import Plan, PlannedOutage, PlannedProvider, texts
from shrug.demo.sentences import SentenceWriter

SEED = 20250811
BIN = timedelta(minutes=5)
BINS_AN_HOUR = 12
# Hours are correlated (an autoregressive level), and counts are overdispersed.
AUTOCORRELATION, LEVEL_SPREAD, DISPERSION = 0.7, 0.2, 0.05
RISE, DECAY = timedelta(minutes=20), timedelta(minutes=50)
ACCOUNTS = 4000
REPOSTS, REPOSTS_WHEN_LOUD = 0.04, 0.15
SNAPSHOT_INTERVAL = timedelta(hours=1)
# Peak hour (UTC) and depth of the daily cycle of each language; its mean is 1.
DAILY_CYCLES = {"en": (16, 0.5), "zh": (12, 0.7), "news": (14, 0.8)}
WEEKEND_FACTOR = 0.75


@dataclass(frozen=True, slots=True)
class SimulatedPost:
    """A post before a source gives it a form."""

    at: datetime
    source: str
    lang: str
    text: str
    account: int
    likes: int
    provider: str


@dataclass(frozen=True, slots=True)
class DemoWorld:
    """The posts in order of time, and the snapshots of the board."""

    plan: Plan
    posts: tuple[SimulatedPost, ...]
    board_snapshots: tuple[Snapshot, ...]


def make_world(plan: Plan) -> DemoWorld:
    """Make the world of a plan; the same plan gives the same world."""
    rng = np.random.default_rng(SEED)
    posts = [
        post
        for provider in plan.providers
        for source, rates in provider.rates.items()
        for lang, rate in rates.items()
        for post in _posts(rng, plan, provider, source, lang, rate)
    ]
    posts.sort(key=lambda post: (post.at, post.source, post.text))
    return DemoWorld(plan, tuple(posts), tuple(_board_snapshots(rng, plan)))


def _posts(
    rng: np.random.Generator,
    plan: Plan,
    provider: PlannedProvider,
    source: str,
    lang: str,
    rate: float,
) -> list[SimulatedPost]:
    times = _times(plan)
    base = rate / BINS_AN_HOUR * _shape(times, plan.span.start, lang)
    outages = [o for o in plan.outages if o.provider == provider.key]
    lift = _lift(times, base, plan.span.start, outages)
    hours = len(times) // BINS_AN_HOUR
    noise = np.repeat(_level(rng, hours), BINS_AN_HOUR)
    numbers = rng.poisson(base * lift * noise)
    writer = SentenceWriter(rng, provider, lang)
    posts = []
    for index in np.flatnonzero(numbers).tolist():
        loud_share = 1 - 1 / lift[index]
        for second in sorted(rng.uniform(0, BIN.total_seconds(), int(numbers[index]))):
            loud = bool(rng.random() < loud_share)
            at = plan.span.start + index * BIN + timedelta(seconds=int(second))
            text = writer.write(loud=loud, repost=REPOSTS_WHEN_LOUD if loud else REPOSTS)
            account = int(ACCOUNTS * rng.random() ** 2)
            likes = int(rng.lognormal(1.0, 1.2))
            posts.append(SimulatedPost(at, source, lang, text, account, likes, provider.key))
    return posts


def _times(plan: Plan) -> Floats:
    """Return the seconds from the start to the middle of each bin."""
    number = int((plan.span.end - plan.span.start) / BIN)
    return np.asarray((np.arange(number) + 0.5) * BIN.total_seconds(), dtype=np.float64)


def _shape(times: Floats, start: datetime, lang: str) -> Floats:
    peak, depth = DAILY_CYCLES[lang]
    hours = (times / 3600 + start.hour) % 24
    days = ((times / 86400).astype(int) + start.weekday()) % 7
    daily = 1 + depth * np.cos((hours - peak) / 24 * 2 * np.pi)
    return np.asarray(daily * np.where(days >= 5, WEEKEND_FACTOR, 1.0), dtype=np.float64)


def _level(rng: np.random.Generator, hours: int) -> Floats:
    """Return a multiplier for each hour, mean 1: an autoregressive level times gamma noise."""
    steps = rng.normal(0, LEVEL_SPREAD * np.sqrt(1 - AUTOCORRELATION**2), hours)
    level = np.zeros(hours)
    for hour in range(1, hours):
        level[hour] = AUTOCORRELATION * level[hour - 1] + steps[hour]
    scatter = rng.gamma(1 / DISPERSION, DISPERSION, hours)
    return np.asarray(np.exp(level - LEVEL_SPREAD**2 / 2) * scatter, dtype=np.float64)


def _lift(times: Floats, base: Floats, origin: datetime, outages: list[PlannedOutage]) -> Floats:
    """Return the multiplier of the base: on average `ratio` over each outage's window."""
    lift = np.ones_like(times)
    for outage in outages:
        edges = (
            outage.span.start,
            outage.span.end,
            *Parameters().window(outage.span.start, outage.span.end),
        )
        begin, end, window_start, window_end = ((edge - origin).total_seconds() for edge in edges)
        inside = (times >= window_start) & (times < window_end)
        rise = np.clip((times - begin + 300) / RISE.total_seconds(), 0, 1)
        fall = np.exp(-np.maximum(0, times - end) / DECAY.total_seconds())
        bump = np.where(inside, rise * fall, 0.0)
        height = (outage.ratio - 1) * base[inside].sum() / (base * bump)[inside].sum()
        lift = lift * (1 + height * bump)
    return lift


def _board_snapshots(rng: np.random.Generator, plan: Plan) -> list[Snapshot]:
    snapshots = []
    at = plan.span.start + timedelta(minutes=7)
    heats = {title: float(rng.lognormal(12.5, 0.8)) for title in texts()["board"]["titles"]}
    while at < plan.span.end:
        for title in heats:
            heats[title] *= float(np.exp(rng.normal(0, 0.15)))
            heats[title] = min(max(heats[title], 4e4), 3e6)
        if not plan.board_gap.start <= at < plan.board_gap.end:
            snapshots.append(Snapshot("weibo", at, _entries(plan, heats, at)))
        at += SNAPSHOT_INTERVAL
    return snapshots


def _entries(plan: Plan, heats: dict[str, float], at: datetime) -> tuple[SnapshotEntry, ...]:
    standing = dict(heats)
    for outage in plan.outages:
        heat = _board_heat(outage, at)
        if heat > min(heats.values()):
            name = catalog.providers()[outage.provider].name_zh
            standing[texts()["board"]["failing"].format(name=name)] = heat
    places = count(1)
    ranked = sorted(standing.items(), key=lambda pair: -pair[1])
    entries = [SnapshotEntry(title, next(places), int(heat), ranked=True) for title, heat in ranked]
    entries.insert(3, SnapshotEntry(texts()["board"]["paid"], None, 500_000, ranked=False))
    return (*entries, SnapshotEntry(texts()["board"]["pinned"], None, None, ranked=False))


def _board_heat(outage: PlannedOutage, at: datetime) -> float:
    if outage.board is None or at < outage.span.start:
        return 0.0
    rise = min(1.0, (at - outage.span.start) / timedelta(minutes=40))
    fall = np.exp(-max(0.0, (at - outage.span.end) / timedelta(hours=1)))
    return float(outage.board * rise * fall)
