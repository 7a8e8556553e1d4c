"""Which outages a reader asks for: filters, search, order and page, the same for page and API."""

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
CLASSES = PROVIDER_KINDS
Key = Callable[[OutageReport], Any]


def _ratio(o: OutageReport) -> float:
    return o.ratio.estimate if o.ratio else -inf


SORTS: Mapping[str, Key] = {
    "newest": lambda o: (-o.start.timestamp(), o.id),
    "oldest": lambda o: (o.start.timestamp(), o.id),
    "loudest": lambda o: (-_ratio(o), -o.start.timestamp(), o.id),
    "quietest": lambda o: (_ratio(o) == -inf, _ratio(o), -o.start.timestamp(), o.id),
    "longest": lambda o: (o.start - o.end, o.id),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to show of all outages. `q` is looked for in titles and providers' names."""

    provider: str = ""
    verdict: str = ""
    kind: str = ""
    q: str = ""
    sort: str = "newest"
    page: int = 1
    per_page: int = PER_PAGE

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Wanted":
        """From an address's query; BadInput names what can't be understood."""
        provider = query.get("provider", "")
        if provider and provider not in catalog.providers():
            raise BadInput(f"provider: not known: {provider[:40]!r}")
        return cls(
            provider=provider,
            verdict=_one_of("verdict", query.get("verdict", ""), ("", *VERDICTS)),
            kind=_one_of("class", query.get("class", ""), ("", *CLASSES)),
            q=query.get("q", "")[:100].strip(),
            sort=_one_of("sort", query.get("sort", "newest") or "newest", tuple(SORTS)),
            page=_number("page", query.get("page", "1"), MOST_PAGES),
            per_page=_number("per_page", query.get("per_page", str(PER_PAGE)), MOST_PER_PAGE),
        )

    def query(self, **changed: object) -> dict[str, str]:
        """As an address's query, without what is as by default."""
        told = {name: getattr(self, name) for name in self.__slots__} | changed
        told["class"] = told.pop("kind")
        plain = {"sort": "newest", "page": 1, "per_page": PER_PAGE}
        return {k: str(v) for k, v in told.items() if v and v != plain.get(k)}


@dataclass(frozen=True, slots=True)
class Shown:
    """One page of the outages that were asked for."""

    outages: Sequence[OutageReport]
    total: int
    pages: int


def chosen(outages: Sequence[OutageReport], wanted: Wanted) -> Shown:
    """The page of outages that is wanted; a page after the last one is empty."""
    found = sorted((o for o in outages if _fits(o, wanted)), key=SORTS[wanted.sort])
    first = (wanted.page - 1) * wanted.per_page
    pages = max(1, ceil(len(found) / wanted.per_page))
    return Shown(found[first : first + wanted.per_page], len(found), pages)


def _fits(o: OutageReport, wanted: Wanted) -> bool:
    if wanted.provider and o.provider != wanted.provider:
        return False
    if wanted.verdict and o.verdict is not VERDICTS[wanted.verdict]:
        return False
    if wanted.kind and o.provider_kind != wanted.kind:
        return False
    told = f"{o.title}\n{o.name_en}\n{o.name_zh}\n{o.provider}".casefold()
    return wanted.q.casefold() in told


def _one_of(name: str, value: str, known: Sequence[str]) -> str:
    if value not in known:
        raise BadInput(f"{name}: one of {', '.join(k for k in known if k)}, not {value[:40]!r}")
    return value


def _number(name: str, value: str, most: int) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 10 and 1 <= int(value) <= most):
        raise BadInput(f"{name}: a number from 1 to {most}, not {value[:40]!r}")
    return int(value)


def ids(values: Sequence[str], known: Mapping[int, OutageReport]) -> list[OutageReport]:
    """Two to six different outages by their ids; BadInput says what is wrong."""
    numbers = list(dict.fromkeys(_number("id", v, 2**31) for v in values))
    if not 2 <= len(numbers) <= 6:
        raise BadInput("id: name two to six different outages")
    missing = [n for n in numbers if n not in known]
    if missing:
        raise BadInput(f"id: no such outage: {missing[0]}")
    return [known[n] for n in numbers]


def compared(picked: Sequence[OutageReport]) -> dict[str, Any]:
    """What is told of outages side by side: those with a ratio, and who drew more than whom."""
    measured = [o for o in picked if o.ratio]
    ratios = [o.ratio for o in measured if o.ratio]
    louder = comparison.louder(ratios).tolist() if len(ratios) > 1 else []
    return {"measured": measured, "louder": louder}
