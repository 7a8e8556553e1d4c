"""Filters, search, order and pages of lists of outages, shared by page, API and assistants."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, inf
from typing import Any

from analysis.attention.verdicts import Verdict
from analysis.field_types import PROVIDER_KINDS
from analysis.report.data import OutageReport
from analysis.statistics import comparison
from db import catalog
from db.core.errors import BadInput

PER_PAGE, MOST_PER_PAGE = 25, 200
MOST_PAGES = 1_000_000
VERDICTS = {v.name.lower(): v for v in Verdict}
PROVIDER_CLASSES = PROVIDER_KINDS
SortKey = Callable[[OutageReport], Any]


def _ratio(o: OutageReport) -> float:
    return o.ratio.estimate if o.ratio else -inf


SORTS: Mapping[str, SortKey] = {
    "newest": lambda o: (-o.start.timestamp(), o.id),
    "oldest": lambda o: (o.start.timestamp(), o.id),
    "loudest": lambda o: (-_ratio(o), -o.start.timestamp(), o.id),
    "quietest": lambda o: (_ratio(o) == -inf, _ratio(o), -o.start.timestamp(), o.id),
    "longest": lambda o: (o.start - o.end, o.id),
}


@dataclass(frozen=True, slots=True)
class OutageFilter:
    """The outages that a reader wants to see. q: text in titles and providers' names."""

    provider: str = ""
    verdict: str = ""
    kind: str = ""
    q: str = ""
    sort: str = "newest"
    page: int = 1
    per_page: int = PER_PAGE

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "OutageFilter":
        """Parse an address's query. Raises BadInput naming the parameter that is wrong."""
        provider = query.get("provider", "")
        if provider and provider not in catalog.providers():
            raise BadInput(f"provider: not known: {provider[:40]!r}")
        return cls(
            provider=provider,
            verdict=_one_of("verdict", query.get("verdict", ""), ("", *VERDICTS)),
            kind=_one_of("class", query.get("class", ""), ("", *PROVIDER_CLASSES)),
            q=query.get("q", "")[:100].strip(),
            sort=_one_of("sort", query.get("sort", "newest") or "newest", tuple(SORTS)),
            page=_number("page", query.get("page", "1"), MOST_PAGES),
            per_page=_number("per_page", query.get("per_page", str(PER_PAGE)), MOST_PER_PAGE),
        )

    def to_query(self, **changes: object) -> dict[str, str]:
        """Return the parameters of an address's query, without those at their defaults."""
        values = {name: getattr(self, name) for name in self.__slots__} | changes
        values["class"] = values.pop("kind")
        defaults = {"sort": "newest", "page": 1, "per_page": PER_PAGE}
        return {k: str(v) for k, v in values.items() if v and v != defaults.get(k)}


@dataclass(frozen=True, slots=True)
class OutageSelection:
    """One page of the outages that match a filter, and the numbers of all and of pages."""

    outages: Sequence[OutageReport]
    total: int
    pages: int


def select_outages(outages: Sequence[OutageReport], filter_: OutageFilter) -> OutageSelection:
    """Return the page of outages that a filter names; a page after the last one is empty."""
    matches = sorted((o for o in outages if _matches(o, filter_)), key=SORTS[filter_.sort])
    first = (filter_.page - 1) * filter_.per_page
    pages = max(1, ceil(len(matches) / filter_.per_page))
    return OutageSelection(matches[first : first + filter_.per_page], len(matches), pages)


def _matches(o: OutageReport, filter_: OutageFilter) -> bool:
    text = f"{o.title}\n{o.name_en}\n{o.name_zh}\n{o.provider}".casefold()
    return (
        filter_.provider in ("", o.provider)
        and filter_.verdict in ("", o.verdict.name.lower())
        and filter_.kind in ("", o.provider_kind)
        and filter_.q.casefold() in text
    )


def _one_of(name: str, value: str, known: Sequence[str]) -> str:
    if value not in known:
        raise BadInput(f"{name}: one of {', '.join(k for k in known if k)}, not {value[:40]!r}")
    return value


def _number(name: str, value: str, most: int) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 10 and 1 <= int(value) <= most):
        raise BadInput(f"{name}: a number from 1 to {most}, not {value[:40]!r}")
    return int(value)


def outages_by_id(values: Sequence[str], known: Mapping[int, OutageReport]) -> list[OutageReport]:
    """Return two to six different outages by their ids. Raises BadInput if one is wrong."""
    numbers = list(dict.fromkeys(_number("id", v, 2**31) for v in values))
    if not 2 <= len(numbers) <= 6:
        raise BadInput("id: name two to six different outages")
    missing = [n for n in numbers if n not in known]
    if missing:
        raise BadInput(f"id: no such outage: {missing[0]}")
    return [known[n] for n in numbers]


def compare_outages(picked: Sequence[OutageReport]) -> dict[str, Any]:
    """Compare outages: those with a ratio, and the probability that each drew more than another."""
    measured = [o for o in picked if o.ratio]
    ratios = [o.ratio for o in measured if o.ratio]
    louder = comparison.louder_probabilities(ratios).tolist() if len(ratios) > 1 else []
    return {"measured": measured, "louder": louder}
