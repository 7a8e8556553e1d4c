"""Options that commands share, and the values that they stand for."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from db import catalog
from db.core.errors import BadInput
from db.core.times import read_time_option
from shrug.cli.console import messages
from shrug.settings import Settings, read_settings

if TYPE_CHECKING:
    from db.core.engine import Store


def option(name: str, help_id: str, **settings: Any) -> Any:
    """Describe an option of a command; `help_id` is the message of its help."""
    return typer.Option(name, help=messages(help_id), **settings)


def argument(help_id: str, **settings: Any) -> Any:
    """Describe an argument of a command; `help_id` is the message of its help."""
    return typer.Argument(help=messages(help_id), **settings)


Database = Annotated[str, option("--database", "help_database", envvar="SHRUG_DATABASE_URL")]
Zone = Annotated[str, option("--zone", "help_zone", envvar="SHRUG_ZONE")]
Cluster = Annotated[str, option("--cluster", "help_cluster")]
ProviderOption = Annotated[str, option("--provider", "help_provider")]
From = Annotated[str, option("--from", "help_from")]
To = Annotated[str, option("--to", "help_to")]
Files = Annotated[list[Path], argument("help_files", show_default=False)]
AsJson = Annotated[bool, option("--json", "help_json")]


def settings() -> Settings:
    """Read the settings from the environment and the file. Raises BadInput if a value is bad."""
    return read_settings()


@contextmanager
def open_store(database: str) -> "Iterator[Store]":
    """Open the store at an SQLAlchemy URL or a path; the configured one if it is empty."""
    from shrug.store.bootstrap import (  # loads the database layer, which --help need not
        database_url,
        open_ready_store,
    )

    with open_ready_store(database_url(database or settings().database)) as opened_store:
        yield opened_store


@contextmanager
def open_real_store(database: str) -> "Iterator[Store]":
    """Open a store for real posts. Raises BadInput if it holds a simulation."""
    from db.core import metadata

    with open_store(database) as opened_store:
        with opened_store.reading() as connection:
            metadata.refuse_simulation(connection)
        yield opened_store


def read_zone(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name. Raises BadInput if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput(f"--zone: no such time zone: {name[:60]!r}; e.g. Asia/Shanghai") from None


def read_instant(text: str, zone: ZoneInfo, option: str) -> datetime:
    """Read a time from the command line: ISO 8601, in `zone` unless it names an offset."""
    return read_time_option(text, zone, option, "2025-08-11 or 2025-08-11T21:50+08:00")


def read_optional_instant(text: str, zone: ZoneInfo, option: str) -> datetime | None:
    """Read a time from the command line; None if it is empty."""
    return read_instant(text, zone, option) if text else None


def provider_key(name: str) -> str | None:
    """Return the key of a provider by any of its names; None if the name is empty."""
    return catalog.provider_key(name) if name else None


def checked_span(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """Return both times. Raises BadInput unless the first is earlier."""
    if start >= end:
        raise BadInput(f"--from {start.isoformat()} is not before --to {end.isoformat()}")
    return start, end
