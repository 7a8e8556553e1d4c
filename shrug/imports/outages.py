"""Outages from YAML, CSV or JSON files, or entered by hand."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from crawler.parsing import as_count, as_text, parse_time
from db import catalog
from db.core.engine import Store
from db.core.errors import BadInput, ShrugError
from db.core.records import NewOutage
from db.crawl import outages
from shrug.imports.lines import BAD_VALUE, ImportResult, describe_error, http_url


def import_outages(store: Store, path: Path) -> ImportResult:
    """Import outages from a YAML, CSV or JSON file. Raises BadInput if it can't be read."""
    result = ImportResult()
    good: list[NewOutage] = []
    for where, value in _rows(path):
        result.read += 1
        try:
            good.append(parse_outage(value, str(path.name)))
        except (*BAD_VALUE, ShrugError) as error:
            result.refuse(where, describe_error(error))
    with store.writing() as connection:
        result.new = outages.add(connection, good)
    return result


def add_outage(store: Store, value: dict[str, Any]) -> NewOutage:
    """Store one outage that a person entered. Raises BadInput if a value is bad."""
    try:
        outage = replace(parse_outage(value, "by hand"), origin="manual", read_at=None)
    except BAD_VALUE as error:
        raise BadInput(describe_error(error)) from None
    with store.writing() as connection:
        outages.add(connection, [outage])
    return outage


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: cannot be read: {error}") from None
    if path.suffix.lower() == ".csv":
        for number, row in enumerate(csv.DictReader(io.StringIO(text)), 2):
            yield f"{path}:{number}", row
        return
    try:
        values = json.loads(text) if path.suffix.lower() == ".json" else yaml.safe_load(text)
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise BadInput(f"{path}: neither YAML nor JSON: {str(error).splitlines()[0]}") from None
    if isinstance(values, dict):
        values = values.get("outages")
    if not isinstance(values, list):
        raise BadInput(f"{path}: a list of outages was due")
    for number, value in enumerate(values, 1):
        yield f"{path}: outage {number}", value


def parse_outage(value: dict[str, Any], file: str) -> NewOutage:
    """Parse a row of a file; its times need an offset, or a `zone` beside them.

    Raises ValueError, KeyError or ShrugError.
    """
    value = {str(name)[:40]: _plain(name, field) for name, field in value.items()}
    provider = catalog.provider_key(str(value["provider"]))
    start = _when(value["start"], value.get("zone"))
    end = _when(value["end"], value.get("zone")) if value.get("end") else None
    if end and end < start:
        raise ValueError("it ends before it starts")
    kind = str(value.get("kind") or "outage")
    if kind not in {"outage", "degraded", "maintenance"}:
        raise ValueError(f"kind must be outage, degraded or maintenance, not {kind[:40]!r}")
    external = value.get("id") or f"{provider}/{start.isoformat()}"
    return NewOutage(
        provider=provider,
        start=start,
        end=end,
        kind=kind,
        title=str(value.get("title") or "")[:300],
        origin="file",
        external_id=str(external)[:300],
        url=http_url(value.get("url")),
        rounded_minutes=as_count(value.get("rounded_minutes")) or 0,
        read_at=as_text(value.get("origin")) or file,
    )


def _plain(name: Any, field: Any) -> Any:
    """Refuse nested values: they may unfold to more than any memory holds."""
    if field is None or isinstance(field, str | int | float | date):
        return field
    raise ValueError(f"{str(name)[:40]} must be one value, not {type(field).__name__}")


def _when(value: Any, zone: Any) -> datetime:
    try:
        clock = ZoneInfo(str(zone)) if zone else None
    except KeyError:
        raise ValueError(f"no such zone: {str(zone)[:40]!r}") from None
    return parse_time(value if isinstance(value, datetime) else str(value), clock)
