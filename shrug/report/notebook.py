"""The store in a notebook: `import shrug; shrug.verdicts()`. Each function gives a DataFrame."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from analysis.report.data import Report
from analysis.report.tables import COLUMNS, TableRow
from analysis.report.tables import report_tables as report_tables
from db import catalog
from db.core.engine import Store
from db.core.extras import require_extra
from db.core.times import read_time
from shrug import settings
from shrug.label import sentiment
from shrug.measure import measurement
from shrug.report import export
from shrug.report.export import ExportFilter
from shrug.store.bootstrap import database_url, open_ready_store

if TYPE_CHECKING:
    import pandas as pd

Time = str | datetime | None


def counts(
    database: str = "", *, provider: str = "", start: Time = None, end: Time = None
) -> "pd.DataFrame":
    """Posts an hour on each source and provider: provider, source, hour (UTC), posts, texts,
    authors, voices, engagement. Hours without posts have no row."""
    return _table("counts", database, provider, start, end)


def outages(
    database: str = "", *, provider: str = "", start: Time = None, end: Time = None
) -> "pd.DataFrame":
    """The ledger: a row for each outage that touches [start, end)."""
    return _table("outages", database, provider, start, end)


def posts(
    database: str = "", *, provider: str = "", start: Time = None, end: Time = None
) -> "pd.DataFrame":
    """Posts with their text; authors are pseudonyms."""
    return _table("posts", database, provider, start, end)


def verdicts(
    database: str = "", *, provider: str = "", start: Time = None, end: Time = None
) -> "pd.DataFrame":
    """A row for each outage with its verdict, attention ratio and interval."""
    return tables(database, provider=provider, start=start, end=end)["outages"]


def tables(
    database: str = "", *, provider: str = "", start: Time = None, end: Time = None
) -> "Mapping[str, pd.DataFrame]":
    """Every table of a report by name: outages, channels, hours, boards, acts, named, felt, claims,
    sources, earlier."""
    rows_by_name = report_tables(report(database, provider=provider, start=start, end=end))
    return {name: _frame(rows, COLUMNS[name]) for name, rows in rows_by_name.items()}


def report(
    database: str = "", *, provider: str = "", start: Time = None, end: Time = None
) -> Report:
    """The report itself, as in `shrug measure` and on the page; by default from the first known
    outage until now."""
    filter_ = _export_filter(provider, start, end)
    until = filter_.end or datetime.now(UTC)
    with _store(database) as store:
        since = filter_.start or measurement.first_outage(store, until)
        used = sentiment.scorers_in_use(store, settings.read_settings().models_folder)
        return measurement.measure(store, since, until, provider=filter_.provider, scorers=used)


def _table(what: str, database: str, provider: str, start: Time, end: Time) -> "pd.DataFrame":
    with require_extra("frames", "a DataFrame"):
        import pandas as pd

    with _store(database) as store:
        batches = export.read_batches(store, what, _export_filter(provider, start, end))
        parts = [_frame(batch, export.TABLE_COLUMNS[what]) for batch in batches]
    return pd.concat(parts, ignore_index=True)


def _frame(rows: list[TableRow], columns: Mapping[str, str]) -> "pd.DataFrame":
    with require_extra("frames", "a DataFrame"):
        from analysis.report.dataframes import data_frame

    return data_frame(rows, columns)


def _export_filter(provider: str, start: Time, end: Time) -> ExportFilter:
    key = catalog.provider_key(provider) if provider else None
    return ExportFilter(key, _instant(start), _instant(end))


def _instant(time: Time) -> datetime | None:
    """A time; UTC if it names no zone."""
    return None if time is None else read_time(time, UTC).astimezone(UTC)


@contextmanager
def _store(database: str) -> Iterator[Store]:
    with open_ready_store(database_url(database or settings.read_settings().database)) as store:
        yield store
