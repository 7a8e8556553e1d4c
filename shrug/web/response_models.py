"""The responses of the API; its JSON and its description are made from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from analysis.field_types import Count, Probability, ProviderKind
from analysis.report.data import Claim, OutageReport, SourceCoverage
from shrug.health.sources import SourceHealth
from shrug.measure.live import LiveAttention


@dataclass(frozen=True, slots=True)
class CurrentState:
    """Outages that go on, and the last hour of each provider."""

    measured_at: datetime
    simulated: bool
    ongoing: Sequence[OutageReport]
    live: Sequence[LiveAttention]


@dataclass(frozen=True, slots=True)
class OutagePage:
    """One page of the outages that were asked for."""

    items: Sequence[OutageReport]
    page: Count
    pages: Count
    total: Count


@dataclass(frozen=True, slots=True)
class OutageComparison:
    """Outages side by side; the probabilities are in the order of `measured`."""

    items: Sequence[OutageReport]
    measured: Sequence[Count]
    probability_row_drew_more_than_column: Sequence[Sequence[Probability]]


@dataclass(frozen=True, slots=True)
class VerdictCounts:
    """The number of outages of each verdict."""

    noticed: Count
    shrugged: Count
    cant_tell: Count


@dataclass(frozen=True, slots=True)
class ProviderSummary:
    """A provider of the catalogue, with the verdicts of its outages."""

    key: str
    kind: ProviderKind
    name_en: str
    name_zh: str
    outages: Count
    verdicts: VerdictCounts


@dataclass(frozen=True, slots=True)
class ProviderList:
    """Every provider of the catalogue."""

    items: Sequence[ProviderSummary]


@dataclass(frozen=True, slots=True)
class ClaimList:
    """The article's claims."""

    items: Sequence[Claim]


@dataclass(frozen=True, slots=True)
class SourceList:
    """What was crawled from each source, and the health of each source."""

    items: Sequence[SourceCoverage]
    health: Sequence[SourceHealth]


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as problem details (RFC 9457)."""

    title: str
    status: Count
