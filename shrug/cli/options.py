"""Options that commands share, and how they are read."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from db.core.errors import BadInput
from db.core.times import read_time_option
from shrug.cli.console import say
from shrug.settings import Settings, read

if TYPE_CHECKING:
    from db.core.engine import Store

Database = Annotated[
    str, typer.Option("--database", help=say("help_database"), envvar="SHRUG_DATABASE_URL")
]
Zone = Annotated[str, typer.Option("--zone", help=say("help_zone"), envvar="SHRUG_ZONE")]
Cluster = Annotated[str, typer.Option("--cluster", help=say("help_cluster"))]
Provider = Annotated[str, typer.Option("--provider", help=say("help_provider"))]
From = Annotated[str, typer.Option("--from", help=say("help_from"))]
To = Annotated[str, typer.Option("--to", help=say("help_to"))]
Files = Annotated[list[Path], typer.Argument(help=say("help_files"), show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help=say("help_json"))]


def settings() -> Settings:
    """The settings of environment and file; a bad value is the user's to mend."""
    return read()


@contextmanager
def store(database: str) -> "Iterator[Store]":
    """The store at an SQLAlchemy URL or a path; the default one where nothing is said."""
    from shrug.store.bootstrap import (  # loads the database layer: --help needn't wait
        address,
        opened,
    )

    with opened(address(database or settings().database)) as found:
        yield found


@contextmanager
def real_store(database: str) -> "Iterator[Store]":
    """A store that takes in real posts: one that holds a simulation is refused."""
    from db.core import metadata

    with store(database) as found:
        with found.reading() as connection:
            metadata.refuse_simulation(connection)
        yield found


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its IANA name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput(f"--zone: no such time zone: {name[:60]!r}; e.g. Asia/Shanghai") from None


def instant(text: str, zone: ZoneInfo, option: str) -> datetime:
    """A time from the command line: ISO 8601; without an offset it is meant in `zone`."""
    return read_time_option(text, zone, option, "2025-08-11 or 2025-08-11T21:50+08:00")


def span(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """A span of time that is one."""
    if start >= end:
        raise BadInput(f"--from {start.isoformat()} is not before --to {end.isoformat()}")
    return start, end
