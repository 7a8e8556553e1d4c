"""The report's data object. Renderers hold no arithmetic: every figure is here."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from analysis.attention.interval import Interval
from analysis.attention.layout import Parameters
from analysis.behaviour.measured import Behaviour
from analysis.boards import Presence, Year
from analysis.comparison import Rank, Trend
from analysis.pooling import Pooled
from analysis.sentiment.card import Card
from analysis.verdicts import LEAST_HISTORY_DAYS, Measured, Reason, Verdict
from analysis.volumes import Volume

MINUTE = timedelta(minutes=1)
# What a degraded minute weighs, as in Atlassian's uptime (a partial outage counts 30%).
DEGRADED = 0.3
# A source that was read for this share of a span has no gap to speak of.
WHOLE = 0.99


class Answer(StrEnum):
    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    CANT_TELL = "can't tell"


@dataclass(frozen=True, slots=True)
class Quote:
    """A post behind a figure, chosen by engagement; its account is not named."""

    source: str
    external_id: str
    created_at: datetime
    text: str
    url: str | None
    score: float | None


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of a chart: posts, expected with its 95% band, and how much of it was read."""

    at: datetime
    posts: int
    expected: float
    low: float
    high: float
    covered: float


@dataclass(frozen=True, slots=True)
class OwnPast:
    """A provider's earlier outages beside one of its own: how many were measured, how many of
    them drew a greater attention ratio, and their median ratio."""

    number: int
    louder: int
    median: float


@dataclass(frozen=True, slots=True)
class AttentionTrend:
    """By how much the log of AI outages' attention ratio changes a year, from so many outages."""

    outages: int
    slope: Interval

    @property
    def factor(self) -> Interval:
        """By what factor the ratio itself changes a year."""
        return Interval(*(math.exp(v) for v in astuple(self.slope)))


@dataclass(frozen=True, slots=True)
class OutageReport:
    """One outage with all that is known of its attention.

    names: what a post must hold to count. queries: (source, what it was asked for) pairs.
    combined: all sources together; None where the source that matters most was not read.
    components: what of the service it touched. brief: over within a minute. firsts: (source,
    minutes from the official start) of each source's first post that says that it failed. volumes:
    what others counted, beside the verdict. own_past: the same provider's outages before it.
    """

    id: int
    provider: str
    provider_kind: str
    name_en: str
    name_zh: str
    start: datetime
    end: datetime
    ongoing: bool
    kind: str
    title: str
    url: str | None
    origin: str
    confirmed: bool
    rounded_minutes: int
    read_at: str | None
    window: tuple[datetime, datetime]
    channels: tuple[Measured, ...]
    combined: Measured | None
    boards: tuple[Presence, ...]
    verdict: Verdict
    reason: Reason
    shrug_index: Interval | None = None
    rank: Rank | None = None
    names: tuple[str, ...] = ()
    queries: tuple[tuple[str, str], ...] = ()
    hours: tuple[Hour, ...] = ()
    quotes: tuple[Quote, ...] = ()
    truth: float | None = None
    behaviour: Behaviour | None = None
    components: tuple[str, ...] = ()
    brief: bool = False
    firsts: tuple[tuple[str, float], ...] = ()
    volumes: tuple[Volume, ...] = ()
    own_past: OwnPast | None = None

    @property
    def ratio(self) -> Interval | None:
        """The attention ratio of all sources together, where it could be measured."""
        return self.combined.ratio if self.combined else None

    @property
    def component_minutes(self) -> float:
        """How bad it was, comparable between providers: minutes times components (at least one),
        at three tenths where the service was only degraded."""
        minutes = (self.end - self.start) / MINUTE
        weight = DEGRADED if self.kind == "degraded" else 1.0
        return minutes * max(1, len(self.components)) * weight


def tally(outages: Iterable[OutageReport]) -> dict[Verdict, int]:
    """How many outages there are of each verdict."""
    counted = Counter(o.verdict for o in outages)
    return {verdict: counted[verdict] for verdict in Verdict}


@dataclass(frozen=True, slots=True)
class Together:
    """Outages of one `group` (class, provider, source or year) pooled: which one, and how much
    attention they drew."""

    group: str
    key: str
    pooled: Pooled


@dataclass(frozen=True, slots=True)
class BoardEvent:
    """An event on a board, as used in comparisons that are conditional on reaching it."""

    outage_id: int
    provider: str
    provider_kind: str
    name_en: str
    name_zh: str
    at: datetime
    presence: Presence
    article: bool


@dataclass(frozen=True, slots=True)
class BoardComparison:
    """Where the article's outage stands among what reached the board.

    Percentiles are the share of a class whose peak heat was lower (0 to 1); `game_beats_article`
    is the share of the games' events that drew more; `game_beats_ai` the probability that a
    game's event drew more than an AI provider's. `years` counts events over the whole archive of
    first sightings, whatever the span of the report.
    """

    board: str
    first: datetime
    last: datetime
    looks: int
    events: tuple[BoardEvent, ...]
    article: BoardEvent | None
    among_ai: Interval | None
    among_games: Interval | None
    game_beats_article: Interval | None
    game_beats_ai: Interval | None
    ai_trend: Trend | None
    years: tuple[Year, ...] = ()

    def number(self, kind: str) -> int:
        """How many events of a kind of provider reached the board."""
        return sum(1 for event in self.events if event.provider_kind == kind)


@dataclass(frozen=True, slots=True)
class Claim:
    """One of the article's claims: its answer, the figure, and what would change it.

    `figure` names what `value` is; `evidence` holds message ids with their values.
    """

    number: int
    answer: Answer
    figure: str
    value: Interval | None
    evidence: tuple[tuple[str, dict[str, object]], ...] = ()


@dataclass(frozen=True, slots=True)
class SourceCover:
    """What one source held in the span of the report; `usual` is in posts a day.
    missed: the ways in which its newest crawl got nothing, and of how many queries. strip: how
    much of each step of the span was read (0 to 1), none for a board."""

    source: str
    posts: int
    first: datetime | None
    last: datetime | None
    covered_hours: float
    assumed: bool
    capped: bool
    usual: tuple[int, int] | None = None
    missed: tuple[tuple[str, int], ...] = ()
    strip: tuple[float, ...] = ()

    @property
    def posts_a_day(self) -> float | None:
        """Posts in a day's worth of hours that were read."""
        return self.posts * 24 / self.covered_hours if self.covered_hours else None

    @property
    def unusual(self) -> bool:
        """Whether the source gave less or more than it usually does: a finding, not a zero."""
        rate = self.posts_a_day
        return (
            self.usual is not None
            and rate is not None
            and not (self.usual[0] <= rate <= self.usual[1])
        )


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a report says on [start, end).

    since: from when on outages are compared; `earlier` are those before `start`, which serve as
    the reference and the past. cards: of the scorers that say how people felt. together: outages
    since then pooled by class, year, source and provider. week: the ISO week that the span is.
    first: since when anything is known to be read. step: what one cell of a source's strip holds.
    """

    version: str
    start: datetime
    end: datetime
    parameters: Parameters
    worth: float
    worth_events: int
    outages: tuple[OutageReport, ...]
    boards: tuple[BoardComparison, ...]
    claims: tuple[Claim, ...]
    sources: tuple[SourceCover, ...]
    cards: tuple[Card, ...] = ()
    together: tuple[Together, ...] = ()
    simulated: bool = False
    since: datetime | None = None
    earlier: tuple[OutageReport, ...] = ()
    trend: AttentionTrend | None = None
    week: str | None = None
    first: datetime | None = None
    step: timedelta = timedelta(hours=1)

    @property
    def gaps(self) -> tuple[tuple[str, float], ...]:
        """(source, share of the span that was read) of each source of posts with a gap."""
        hours = (self.end - self.start) / timedelta(hours=1)
        read = ((s.source, s.covered_hours / hours) for s in self.sources if s.strip)
        return tuple((source, share) for source, share in read if share < WHOLE)

    @property
    def judgeable(self) -> datetime | None:
        """From when on enough was read before an outage for it to be judged."""
        return self.first + timedelta(days=LEAST_HISTORY_DAYS) if self.first else None

    @property
    def judged(self) -> tuple[OutageReport, ...]:
        """Confirmed outages: those found on a board never judge whether outages get noticed."""
        return tuple(o for o in self.outages if o.confirmed)

    @property
    def compared(self) -> tuple[OutageReport, ...]:
        """Every confirmed outage that has an attention ratio, the earlier ones too, by time."""
        both = (*self.earlier, *self.outages)
        return tuple(o for o in both if o.confirmed and o.ratio)
