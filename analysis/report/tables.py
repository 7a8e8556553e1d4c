"""The report as tables, for spreadsheets, notebooks and databases."""

import csv
import io
import json
import math
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC
from typing import Any

from analysis.report.data import Claim, OutageReport, Report, SourceCover
from analysis.statistics.interval import Interval

Row = dict[str, Any]
Rows = Iterable[Row]
ISO = "%Y-%m-%dT%H:%M:%SZ"
# What a spreadsheet takes for a formula at the beginning of a cell.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
DECIMALS = 10


def columns(text: str) -> dict[str, str]:
    """Columns and their types (int, float, text, flag, time); `name:interval` stands for an
    estimate and its two bounds."""
    parsed: dict[str, str] = {}
    for column in text.split():
        name, kind = column.split(":")
        if kind == "interval":
            parsed |= dict.fromkeys((name, f"{name}_low", f"{name}_high"), "float")
        else:
            parsed[name] = kind
    return parsed


_OUTAGE = columns(
    "id:int provider:text provider_kind:text start:time end:time kind:text title:text url:text "
    "origin:text confirmed:flag verdict:text reason:text observed:int expected:float "
    "ratio:interval shrug_index:interval rank:int simulated:flag true_ratio:float"
)
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "acts": columns("id:int act:text posts:int share:interval usual:interval lift:interval"),
    "boards": columns(
        "id:int board:text first_seen:time last_seen:time looks:int snapshots:int minutes:float "
        "best_rank:int peak_heat:int heat_hours:float upper_bound_heat:int"
    ),
    "channels": columns(
        "id:int source:text observed:int expected:float ratio:interval excess:interval "
        "placebo_p:float coverage:float capped:flag minimum_detectable_ratio:float verdict:text "
        "reason:text"
    ),
    "claims": columns("claim:int answer:text figure:text value:interval"),
    "earlier": _OUTAGE,
    "felt": columns(
        "id:int language:text scorer:text version:text posts:int bad:interval usual:interval"
    ),
    "hours": columns("id:int at:time posts:int expected:float low:float high:float covered:float"),
    "named": columns("id:int provider:text posts:int"),
    "outages": _OUTAGE,
    "sources": columns(
        "source:text posts:int first:time last:time covered_hours:float assumed:flag capped:flag "
        "unusual:flag"
    ),
}


def tables(report: Report) -> Mapping[str, list[Row]]:
    """The rows of each table of a report by name, with the columns of COLUMNS.

    An outage is known by its `id` in all of them. Times are UTC; a bound that is not known is
    missing. `claims` and `sources` are of the whole span, `earlier` has the outages before it,
    with the columns of `outages`.
    """
    of_each: Mapping[str, Callable[[OutageReport], Rows]] = {
        "channels": _channels,
        "hours": _hours,
        "boards": _boards,
        "acts": _acts,
        "named": _named,
        "felt": _felt,
    }
    found = {name: [r for o in report.outages for r in rows(o)] for name, rows in of_each.items()}
    made_up = {"simulated": report.simulated}
    found["outages"] = [_outage(o) | made_up for o in report.outages]
    found["earlier"] = [_outage(o) | made_up for o in report.earlier]
    found["claims"] = [_claim(c) for c in report.claims]
    found["sources"] = [_source(s) for s in report.sources]
    return dict(sorted(found.items()))


def as_csv(rows: Rows, columns: Mapping[str, str], *, head: bool = True) -> str:
    """Rows as CSV, in which no text is a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if head:
        writer.writerow(columns)
    for row in rows:
        cells = (_plain(row.get(name), kind) for name, kind in columns.items())
        writer.writerow([_safe(cell) for cell in cells])
    return text.getvalue()


def as_jsonl(rows: Rows, columns: Mapping[str, str]) -> str:
    """Rows as lines of JSON, each with all columns."""
    lines = (
        {name: _finite(_plain(row.get(name), kind)) for name, kind in columns.items()}
        for row in rows
    )
    return "".join(
        json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines
    )


def _plain(value: Any, kind: str) -> Any:
    """A value as its column's type says, times as text; None if it is missing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if kind == "time":
        return value.astimezone(UTC).strftime(ISO)
    return {"int": int, "float": float, "flag": bool, "text": str}[kind](value)


def _safe(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def _finite(value: Any) -> Any:
    if not isinstance(value, float):
        return value
    return round(value, DECIMALS) if math.isfinite(value) else None


def _interval(name: str, value: Interval | None) -> Row:
    """An interval as three columns."""
    if value is None:
        return {name: None, f"{name}_low": None, f"{name}_high": None}
    return {name: value.estimate, f"{name}_low": value.low, f"{name}_high": value.high}


def _outage(o: OutageReport) -> Row:
    combined = o.combined
    return {
        "id": o.id,
        "provider": o.provider,
        "provider_kind": o.provider_kind,
        "start": o.start,
        "end": None if o.ongoing else o.end,
        "kind": o.kind,
        "title": o.title,
        "url": o.url,
        "origin": o.origin,
        "confirmed": o.confirmed,
        "verdict": str(o.verdict),
        "reason": str(o.reason),
        "observed": combined.observed if combined else None,
        "expected": combined.expected if combined else None,
        **_interval("ratio", combined.ratio if combined else None),
        **_interval("shrug_index", o.shrug_index),
        "rank": o.rank.place if o.rank else None,
        "true_ratio": o.truth,
    }


def _channels(o: OutageReport) -> Rows:
    for c in o.channels:
        yield {
            "id": o.id,
            "source": c.source,
            "observed": c.observed,
            "expected": c.expected,
            **_interval("ratio", c.ratio),
            **_interval("excess", c.excess),
            "placebo_p": c.placebo_p,
            "coverage": c.coverage,
            "capped": c.capped,
            "minimum_detectable_ratio": c.minimum_detectable_ratio,
            "verdict": str(c.verdict),
            "reason": str(c.reason),
        }


def _hours(o: OutageReport) -> Rows:
    for h in o.hours:
        yield {
            "id": o.id,
            "at": h.at,
            "posts": h.posts,
            "expected": h.expected,
            "low": h.low,
            "high": h.high,
            "covered": h.covered,
        }


def _boards(o: OutageReport) -> Rows:
    for p in o.boards:
        yield {
            "id": o.id,
            "board": p.board,
            "first_seen": p.first_seen,
            "last_seen": p.last_seen,
            "looks": p.looks,
            "snapshots": p.snapshots,
            "minutes": p.minutes,
            "best_rank": p.best_rank,
            "peak_heat": p.peak_heat,
            "heat_hours": p.heat_hours,
            "upper_bound_heat": p.upper_bound_heat,
        }


def _acts(o: OutageReport) -> Rows:
    for share in (*o.behaviour.acts, o.behaviour.others) if o.behaviour else ():
        yield {
            "id": o.id,
            "act": share.name,
            "posts": share.posts,
            **_interval("share", share.share),
            **_interval("usual", share.usual),
            **_interval("lift", share.lift),
        }


def _named(o: OutageReport) -> Rows:
    for turned in o.behaviour.turned_to if o.behaviour else ():
        yield {"id": o.id, "provider": turned.provider, "posts": turned.posts}


def _felt(o: OutageReport) -> Rows:
    for felt in o.behaviour.felt if o.behaviour else ():
        yield {
            "id": o.id,
            "language": felt.language,
            "scorer": felt.model,
            "version": felt.version,
            "posts": felt.posts,
            **_interval("bad", felt.bad),
            **_interval("usual", felt.usual),
        }


def _claim(c: Claim) -> Row:
    return {
        "claim": c.number,
        "answer": str(c.answer),
        "figure": c.figure or None,
        **_interval("value", c.value),
    }


def _source(s: SourceCover) -> Row:
    return {
        "source": s.source,
        "posts": s.posts,
        "first": s.first,
        "last": s.last,
        "covered_hours": s.covered_hours,
        "assumed": s.assumed,
        "capped": s.capped,
        "unusual": s.unusual,
    }
