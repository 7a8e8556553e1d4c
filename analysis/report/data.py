"""The report's data object. Renderers hold no arithmetic: every figure is here."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, PlainSerializer, WithJsonSchema, computed_field, field_serializer

from analysis.attention.verdicts import MIN_HISTORY_DAYS, Measurement, Reason, Verdict
from analysis.attention.volumes import VolumeComparison
from analysis.attention.windows import Parameters
from analysis.behaviour.shares import Behaviour
from analysis.boards.presence import BoardYear, Presence
from analysis.field_types import (
    Count,
    Internal,
    Minutes,
    Origin,
    OutageKind,
    Positive,
    Probability,
    ProviderKind,
)
from analysis.sentiment.card import ModelCard
from analysis.statistics.comparison import Rank, Trend
from analysis.statistics.interval import Interval

MINUTE = timedelta(minutes=1)
# What a degraded minute weighs, as in Atlassian's uptime (a partial outage counts 30%).
DEGRADED = 0.3
# A source that was read for this share of a span has no gap to speak of.
WHOLE = 0.99


class ClaimAnswer(StrEnum):
    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    CANT_TELL = "can't tell"


@dataclass(frozen=True, slots=True)
class Quote:
    """A post behind a figure, chosen by engagement; its account is not named."""

    source: str
    external_id: Annotated[str, Field(serialization_alias="id")]
    created_at: datetime
    text: Internal[str]
    url: str | None
    score: Probability | None


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of a chart: posts, expected with its 95% band, and how much of it was read."""

    at: datetime
    posts: Count
    expected: float
    low: float
    high: float
    covered: float


@dataclass(frozen=True, slots=True)
class OwnPast:
    """A provider's earlier outages beside one of its own: how many were measured, how many of
    them drew a greater attention ratio, and their median ratio."""

    number: Positive
    louder: Count
    median: float


@dataclass(frozen=True, slots=True)
class AttentionTrend:
    """How AI outages' attention ratio changes a year, from so many outages."""

    outages: Annotated[int, Field(ge=5)]
    # Of the log of the ratio.
    slope: Internal[Interval]

    @computed_field(alias="factor_a_year")  # type: ignore[prop-decorator]
    @property
    def factor(self) -> Interval:
        """By what factor the ratio itself changes a year."""
        return Interval(*(math.exp(v) for v in astuple(self.slope)))


@dataclass(frozen=True, slots=True)
class SourceQuery:
    """What a source was asked for."""

    source: str
    query: str


def _source_queries(pairs: Iterable[tuple[str, str]]) -> list[SourceQuery]:
    return [SourceQuery(*pair) for pair in pairs]


@dataclass(frozen=True, slots=True)
class FirstPost:
    """A source's first post that says that the provider failed, in minutes from the official
    start; negative if people were first."""

    source: str
    minutes: float


def _first_posts(pairs: Iterable[tuple[str, float]]) -> list[FirstPost]:
    return [FirstPost(*pair) for pair in pairs]


Empty = Annotated[dict[str, Any], Field(max_length=0)]


def _or_empty(behaviour: Behaviour | None) -> Behaviour | Empty:
    return behaviour or {}


@dataclass(frozen=True, slots=True)
class OutageReport:
    """One outage with all that is known of its attention."""

    id: Count
    provider: str
    provider_kind: ProviderKind
    name_en: Internal[str]
    name_zh: Internal[str]
    start: datetime
    end: Annotated[datetime, Field(description="Null while it goes on.")]
    ongoing: Internal[bool]
    kind: OutageKind
    title: str
    url: str | None
    origin: Origin
    confirmed: bool
    rounded_minutes: Count
    read_at: Annotated[str | None, Field(serialization_alias="times_read_at")]
    window: tuple[datetime, datetime]
    channels: tuple[Measurement, ...]
    combined: Annotated[
        Measurement | None,
        Field(description="All sources together; null if the most important one was not read."),
    ]
    boards: tuple[Presence, ...]
    verdict: Verdict
    reason: Reason
    shrug_index: Interval | None = None
    rank: Annotated[
        Rank | None,
        Field(description="Its place by attention among all confirmed outages with a ratio."),
    ] = None
    names: Annotated[
        tuple[str, ...],
        Field(description="A post counts that has one of these as its subject."),
    ] = ()
    queries: Annotated[
        tuple[tuple[str, str], ...],
        PlainSerializer(_source_queries, return_type=list[SourceQuery]),
    ] = ()
    hours: Annotated[
        tuple[Hour, ...],
        Field(description="Posts an hour around the outage, on the sources that can be compared."),
    ] = ()
    quotes: Annotated[
        tuple[Quote, ...],
        Field(
            serialization_alias="posts",
            description="Posts of the window with most engagement, near-copies once.",
        ),
    ] = ()
    truth: Annotated[
        float | None,
        Field(
            serialization_alias="true_ratio",
            description="In a simulation: what the ratio really is.",
        ),
    ] = None
    behaviour: Annotated[
        Behaviour | None,
        PlainSerializer(_or_empty, return_type=Behaviour | Empty),
        Field(description="Empty if no post was read."),
    ] = None
    components: Annotated[
        tuple[str, ...],
        Field(description="What of the service it touched, as its status page names it."),
    ] = ()
    brief: Annotated[
        bool,
        Field(description="Whether it was over within a minute, as monitors' false alarms are."),
    ] = False
    firsts: Annotated[
        tuple[tuple[str, float], ...],
        PlainSerializer(_first_posts, return_type=list[FirstPost]),
        Field(serialization_alias="first_posts"),
    ] = ()
    volumes: Annotated[
        tuple[VolumeComparison, ...],
        Field(description="What others counted over the same hours, beside the verdict."),
    ] = ()
    own_past: OwnPast | None = None

    @field_serializer("end")
    def _end(self, end: datetime) -> datetime | None:
        return None if self.ongoing else end

    @property
    def ratio(self) -> Interval | None:
        """The attention ratio of all sources together, where it could be measured."""
        return self.combined.ratio if self.combined else None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def component_minutes(self) -> float | None:
        """Minutes times components (at least one), 0.3 of it if only degraded; null if ongoing."""
        if self.ongoing:
            return None
        minutes = (self.end - self.start) / MINUTE
        weight = DEGRADED if self.kind == "degraded" else 1.0
        return minutes * max(1, len(self.components)) * weight


def count_verdicts(outages: Iterable[OutageReport]) -> dict[Verdict, int]:
    """How many outages there are of each verdict."""
    counted = Counter(o.verdict for o in outages)
    return {verdict: counted[verdict] for verdict in Verdict}


@dataclass(frozen=True, slots=True)
class PooledOutages:
    """Confirmed outages of one group (by `key`) pooled by random effects; source and year pool AI
    outages only. `spread` is the typical factor between the true ratios, 1 if all are alike."""

    group: Annotated[str, WithJsonSchema({"enum": ["class", "year", "source", "provider"]})]
    key: str
    outages: Annotated[int, Field(ge=3)]
    ratio: Interval
    spread: Interval
    p_all_alike: float


@dataclass(frozen=True, slots=True)
class BoardEvent(Presence):
    """An event on a board, as used in comparisons that are conditional on reaching it."""

    outage_id: Annotated[Count, Field(serialization_alias="outage")]
    provider: str
    provider_kind: ProviderKind
    name_en: Internal[str]
    name_zh: Internal[str]
    at: Internal[datetime]
    article: bool


@dataclass(frozen=True, slots=True)
class BoardComparison:
    """Where the article's outage stands among what reached the board. Percentiles are the share of
    a class whose peak heat was lower (0 to 1). `years` counts events over the whole archive of
    first sightings, whatever the span of the report."""

    board: str
    first: datetime
    last: datetime
    looks: Count
    events: tuple[BoardEvent, ...]
    article: BoardEvent | None
    among_ai: Annotated[Interval | None, Field(serialization_alias="article_percentile_among_ai")]
    among_games: Annotated[
        Interval | None, Field(serialization_alias="article_percentile_among_games")
    ]
    # The share of the games' events that drew more.
    game_beats_article: Annotated[
        Interval | None, Field(serialization_alias="games_that_drew_more_than_article")
    ]
    game_beats_ai: Annotated[
        Interval | None, Field(serialization_alias="probability_game_draws_more_than_ai")
    ]
    ai_trend: Trend | None
    years: tuple[BoardYear, ...] = ()
    conditional_on: Literal["reaching the board"] = "reaching the board"

    def number(self, kind: str) -> int:
        """How many events of a kind of provider reached the board."""
        return sum(1 for event in self.events if event.provider_kind == kind)


# The id of a message of the catalogue, with the values for its placeholders.
Message = tuple[str, dict[str, object]]


def interval_values(name: str, interval: Interval, **others: object) -> dict[str, object]:
    """Values for a message's placeholders: an estimate called `name`, its bounds, and others."""
    return others | {name: interval.estimate, "low": interval.low, "high": interval.high}


Evidence = Annotated[
    dict[str, Any],
    Field(
        json_schema_extra={"properties": {"message": {"type": "string"}}, "required": ["message"]}
    ),
]


def _with_message(evidence: Iterable[Message]) -> list[dict[str, object]]:
    return [{"message": id_, **values} for id_, values in evidence]


def _or_null(text: str) -> str | None:
    return text or None


@dataclass(frozen=True, slots=True)
class Claim:
    """One of the article's claims: its answer, the figure, and what would change it. `figure` names
    what `value` is; `evidence` holds message ids with their values."""

    number: Annotated[int, Field(serialization_alias="claim", ge=1, le=6)]
    answer: ClaimAnswer
    figure: Annotated[str, PlainSerializer(_or_null, return_type=str | None)]
    value: Interval | None
    evidence: Annotated[
        tuple[Message, ...],
        PlainSerializer(_with_message, return_type=list[Evidence]),
    ] = ()


def _by_key(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    return dict(pairs)


def _rounded(shares: Iterable[float]) -> list[float]:
    return [round(share, 3) for share in shares]


@dataclass(frozen=True, slots=True)
class SourceCoverage:
    """What one source held in the span of the report."""

    source: str
    posts: Count
    first: datetime | None
    last: datetime | None
    covered_hours: float
    assumed: bool
    capped: bool
    # In posts a day.
    usual: Internal[tuple[int, int] | None] = None
    missed: Annotated[
        tuple[tuple[str, int], ...],
        PlainSerializer(_by_key, return_type=dict[str, Positive]),
        Field(description="Ways in which its newest crawl got nothing, and for how many queries."),
    ] = ()
    strip: Annotated[
        tuple[float, ...],
        PlainSerializer(_rounded, return_type=list[Probability]),
        Field(
            serialization_alias="read",
            description="How much of each step of the span was read; empty for a board.",
        ),
    ] = ()

    @property
    def posts_a_day(self) -> float | None:
        """Posts in a day's worth of hours that were read."""
        return self.posts * 24 / self.covered_hours if self.covered_hours else None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def unusual(self) -> bool:
        """Whether it gave less or more posts a day than it usually does: a finding, not a zero."""
        rate = self.posts_a_day
        return (
            self.usual is not None
            and rate is not None
            and not (self.usual[0] <= rate <= self.usual[1])
        )


@dataclass(frozen=True, slots=True)
class ReportParameters:
    """What the report is on, and what its verdicts rest on."""

    start: datetime
    end: datetime
    lead_minutes: Minutes
    lag_minutes: Minutes
    weeks: Count
    smallest_ratio_worth_calling_attention: float
    reference_outages: Annotated[
        Count, Field(description="Outages of games, clouds and apps that could be compared.")
    ]
    compared_since: Annotated[
        datetime | None,
        Field(description="Outages from then on are the reference class, the past and the trend."),
    ]
    week: Annotated[
        Annotated[str, Field(pattern="^[0-9]{4}-W[0-9]{2}$")] | None,
        Field(description="The ISO week that the span is."),
    ]


@dataclass(frozen=True, slots=True)
class EarlierOutage:
    """An outage before the span, with which those in it are compared."""

    id: Count
    provider: str
    provider_kind: ProviderKind
    start: datetime
    confirmed: bool
    ratio: Interval | None
    verdict: Verdict


def _briefly(outages: Iterable[OutageReport]) -> list[EarlierOutage]:
    return [
        EarlierOutage(o.id, o.provider, o.provider_kind, o.start, o.confirmed, o.ratio, o.verdict)
        for o in outages
    ]


@dataclass(frozen=True, slots=True)
class Report:
    """What `shrug measure --json` prints and `shrug report` writes to report.json: everything that
    a report says on a span of time."""

    version: str
    start: Internal[datetime]
    end: Internal[datetime]
    parameters: Parameters
    worth: Internal[float]
    worth_events: Internal[int]
    outages: tuple[OutageReport, ...]
    boards: tuple[BoardComparison, ...]
    claims: tuple[Claim, ...]
    sources: tuple[SourceCoverage, ...]
    # Of the scorers that say how people felt.
    cards: Internal[tuple[ModelCard, ...]] = ()
    together: Annotated[
        tuple[PooledOutages, ...],
        Field(description="Groups with at least three outages that were measured."),
    ] = ()
    simulated: Annotated[
        bool,
        Field(description="True if everything in the store was made up by `shrug demo`."),
    ] = False
    since: Internal[datetime | None] = None
    earlier: Annotated[
        tuple[OutageReport, ...],
        PlainSerializer(_briefly, return_type=list[EarlierOutage]),
    ] = ()
    trend: Annotated[
        AttentionTrend | None, Field(description="Null if there is too little to tell.")
    ] = None
    week: Internal[str | None] = None
    first: Annotated[
        datetime | None,
        Field(
            serialization_alias="read_since",
            description="Since when anything is known to have been read.",
        ),
    ] = None
    step: Annotated[
        Minutes,
        Field(
            serialization_alias="read_step_minutes",
            description="What one number in a source's `read` stands for.",
        ),
    ] = timedelta(hours=1)

    @field_serializer("parameters")
    def _with_span(self, parameters: Parameters) -> ReportParameters:
        return ReportParameters(
            self.start,
            self.end,
            parameters.lead,
            parameters.lag,
            parameters.weeks,
            self.worth,
            self.worth_events,
            self.since,
            self.week,
        )

    @property
    def gaps(self) -> tuple[tuple[str, float], ...]:
        """(source, share of the span that was read) of each source of posts with a gap."""
        hours = (self.end - self.start) / timedelta(hours=1)
        read = ((s.source, s.covered_hours / hours) for s in self.sources if s.strip)
        return tuple((source, share) for source, share in read if share < WHOLE)

    @property
    def judgeable(self) -> datetime | None:
        """From when on enough was read before an outage for it to be judged."""
        return self.first + timedelta(days=MIN_HISTORY_DAYS) if self.first else None

    @property
    def judged(self) -> tuple[OutageReport, ...]:
        """Confirmed outages: those found on a board never judge whether outages get noticed."""
        return tuple(o for o in self.outages if o.confirmed)

    @property
    def compared(self) -> tuple[OutageReport, ...]:
        """Every confirmed outage that has an attention ratio, the earlier ones too, by time."""
        both = (*self.earlier, *self.outages)
        return tuple(o for o in both if o.confirmed and o.ratio)
