"""The store in a notebook: `import shrug; shrug.verdicts()`. Each function gives a DataFrame."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from analysis.report.data import Report
from analysis.report.tables import COLUMNS, Row
from analysis.report.tables import tables as report_tables
from db import catalog
from db.core.engine import Store
from db.core.extras import require_extra
from db.core.times import read_time
from shrug import settings
from shrug.label import sentiment
from shrug.measure import measurement
from shrug.report import export
from shrug.report.export import Stretch
from shrug.store.bootstrap import address, opened

if TYPE_CHECKING:
    import pandas as pd

Time = str | datetime | None


def counts(
    database: str = "", *, provider: str = "", start: Time = None, end: Time = None
) -> "pd.DataFrame":
    """Posts an hour on each source and provider: provider, source, hour (UTC), posts, texts,
    authors, voices, engagement. Hours that hold none have no row."""
    return _whole("counts", database, provider, start, end)


def outages(
    database: str = "", *, provider: str = "", start: Time = None, end: Time = None
) -> "pd.DataFrame":
    """The ledger: a row an outage that touches [start, end)."""
    return _whole("outages", database, provider, start, end)


def posts(
    database: str = "", *, provider: str = "", start: Time = None, end: Time = None
) -> "pd.DataFrame":
    """Posts with their text; authors are pseudonyms."""
    return _whole("posts", database, provider, start, end)


def verdicts(
    database: str = "", *, provider: str = "", start: Time = None, end: Time = None
) -> "pd.DataFrame":
    """A row an outage with its verdict, attention ratio and interval."""
    return tables(database, provider=provider, start=start, end=end)["outages"]


def tables(
    database: str = "", *, provider: str = "", start: Time = None, end: Time = None
) -> "Mapping[str, pd.DataFrame]":
    """Every table of a report by name: outages, channels, hours, boards, acts, named, felt, claims,
    sources, earlier."""
    found = report_tables(report(database, provider=provider, start=start, end=end))
    return {name: _frame(rows, COLUMNS[name]) for name, rows in found.items()}


def report(
    database: str = "", *, provider: str = "", start: Time = None, end: Time = None
) -> Report:
    """The report itself, as `shrug measure` and the page have it; from the first known outage
    until now unless told otherwise."""
    stretch = _stretch(provider, start, end)
    until = stretch.end or datetime.now(UTC)
    with _store(database) as store:
        since = stretch.start or measurement.first_outage(store, until)
        used = sentiment.in_use(store, settings.read().models_folder)
        return measurement.measure(store, since, until, provider=stretch.provider, scorers=used)


def _whole(what: str, database: str, provider: str, start: Time, end: Time) -> "pd.DataFrame":
    with require_extra("frames", "a DataFrame"):
        import pandas as pd

    with _store(database) as store:
        batches = export.batches(store, what, _stretch(provider, start, end))
        parts = [_frame(batch, export.KINDS[what]) for batch in batches]
    return pd.concat(parts, ignore_index=True)


def _frame(rows: list[Row], columns: Mapping[str, str]) -> "pd.DataFrame":
    with require_extra("frames", "a DataFrame"):
        from analysis.report.dataframes import frame

    return frame(rows, columns)


def _stretch(provider: str, start: Time, end: Time) -> Stretch:
    key = catalog.provider_key(provider) if provider else None
    return Stretch(key, _instant(start), _instant(end))


def _instant(time: Time) -> datetime | None:
    """A time; what names no zone is UTC."""
    return None if time is None else read_time(time, UTC).astimezone(UTC)


@contextmanager
def _store(database: str) -> Iterator[Store]:
    with opened(address(database or settings.read().database)) as store:
        yield store
