"""The report as tables, for spreadsheets, notebooks and databases."""

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple
from datetime import UTC
from typing import Any

from analysis.report.data import OutageReport, Report

TableRow = dict[str, Any]
TableRows = Iterable[TableRow]
ISO = "%Y-%m-%dT%H:%M:%SZ"
# Characters that begin a formula in a spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
DECIMALS = 10


def columns(declaration: str) -> dict[str, str]:
    """Columns and their types (int, float, text, flag, time) from `name:type` pairs;
    `name:interval` stands for an estimate and its two bounds."""
    parsed: dict[str, str] = {}
    for name, kind in _declared(declaration):
        names = _interval_columns(name) if kind == "interval" else (name,)
        parsed |= dict.fromkeys(names, "float" if kind == "interval" else kind)
    return parsed


def _declared(declaration: str) -> Iterator[tuple[str, str]]:
    for column in declaration.split():
        name, kind = column.split(":")
        yield name, kind


def _interval_columns(name: str) -> tuple[str, str, str]:
    return name, f"{name}_low", f"{name}_high"


# A column is filled by the attribute of its name, unless `report_tables` passes another value.
_OUTAGE = (
    "id:int provider:text provider_kind:text start:time end:time kind:text title:text url:text "
    "origin:text confirmed:flag verdict:text reason:text observed:int expected:float "
    "ratio:interval shrug_index:interval rank:int simulated:flag true_ratio:float"
)
_DECLARATIONS = {
    "acts": "id:int act:text posts:int share:interval usual:interval lift:interval",
    "boards": "id:int board:text first_seen:time last_seen:time looks:int snapshots:int "
    "minutes:float best_rank:int peak_heat:int heat_hours:float upper_bound_heat:int",
    "channels": "id:int source:text observed:int expected:float ratio:interval excess:interval "
    "placebo_p:float coverage:float capped:flag minimum_detectable_ratio:float verdict:text "
    "reason:text",
    "claims": "claim:int answer:text figure:text value:interval",
    "earlier": _OUTAGE,
    "felt": "id:int language:text scorer:text version:text posts:int bad:interval usual:interval",
    "hours": "id:int at:time posts:int expected:float low:float high:float covered:float",
    "named": "id:int provider:text posts:int",
    "outages": _OUTAGE,
    "sources": "source:text posts:int first:time last:time covered_hours:float assumed:flag "
    "capped:flag unusual:flag",
}
COLUMNS: Mapping[str, Mapping[str, str]] = {
    table: columns(declaration) for table, declaration in _DECLARATIONS.items()
}


def report_tables(report: Report) -> Mapping[str, list[TableRow]]:
    """The rows of each table of a report by name, with the columns of COLUMNS.

    An outage is known by its `id` in all of them. Times are UTC; a bound that is not known is
    missing. `claims` and `sources` are of the whole span, `earlier` has the outages before it,
    with the columns of `outages`.
    """
    rows: dict[str, list[TableRow]] = {table: [] for table in COLUMNS}
    for outage in report.outages:
        for table, parts in _parts(outage).items():
            rows[table] += [_row(table, part, id=outage.id, **values) for part, values in parts]
    for table, outages in (("outages", report.outages), ("earlier", report.earlier)):
        rows[table] = [_outage_row(table, o, simulated=report.simulated) for o in outages]
    rows["claims"] = [
        _row("claims", c, claim=c.number, figure=c.figure or None) for c in report.claims
    ]
    rows["sources"] = [_row("sources", source) for source in report.sources]
    return rows


def as_csv(rows: TableRows, columns: Mapping[str, str], *, head: bool = True) -> str:
    """Rows as CSV, in which no text is a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if head:
        writer.writerow(columns)
    for row in rows:
        cells = (_plain(row.get(name), kind) for name, kind in columns.items())
        writer.writerow([_safe(cell) for cell in cells])
    return text.getvalue()


def as_jsonl(rows: TableRows, columns: Mapping[str, str]) -> str:
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


def _row(table: str, part: object, **values: object) -> TableRow:
    """A row of a table: each column from `values`, or else the attribute of its name."""
    row: TableRow = {}
    for name, kind in _declared(_DECLARATIONS[table]):
        value: Any = values[name] if name in values else getattr(part, name)
        if kind == "interval":
            bounds = astuple(value) if value else (None, None, None)
            row |= zip(_interval_columns(name), bounds, strict=True)
        else:
            row[name] = value
    return row


def _parts(o: OutageReport) -> Mapping[str, list[tuple[object, TableRow]]]:
    """The parts of an outage by table, each with the values that have another name there."""
    behaviour = o.behaviour
    acts = (*behaviour.acts, behaviour.others) if behaviour else ()
    return {
        "channels": [(channel, {}) for channel in o.channels],
        "hours": [(hour, {}) for hour in o.hours],
        "boards": [(presence, {}) for presence in o.boards],
        "acts": [(share, {"act": share.name}) for share in acts],
        "named": [(named, {}) for named in behaviour.turned_to] if behaviour else [],
        "felt": [(felt, {"scorer": felt.model}) for felt in behaviour.felt] if behaviour else [],
    }


def _outage_row(table: str, o: OutageReport, *, simulated: bool) -> TableRow:
    combined = o.combined
    return _row(
        table,
        o,
        end=None if o.ongoing else o.end,
        observed=combined.observed if combined else None,
        expected=combined.expected if combined else None,
        rank=o.rank.place if o.rank else None,
        simulated=simulated,
        true_ratio=o.truth,
    )
