"""Subscribers of reports, from a YAML file that only its owner reads: addresses hold secrets."""

import os
import stat
from collections import Counter
from datetime import datetime, time
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    ValidationError,
    field_validator,
)

from db import catalog
from db.core.errors import BadInput


class Subscriber(BaseModel):
    """A subscriber of reports.

    to: an Apprise address. every: a report each ISO week or each day of `zone`. providers, classes,
    verdicts: the outages in the report; all if empty. quiet: hours of the day, such as 22:00-08:00,
    in which nothing is sent. link: the address of the page; the report is linked if it is set, and
    attached if not. empty: whether a report without an outage is sent.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[\w.-]{1,40}$")]
    to: SecretStr
    every: Literal["week", "day"] = "week"
    lang: Literal["en", "zh"] = "en"
    zone: str = "UTC"
    providers: tuple[str, ...] = ()
    classes: tuple[Literal["ai", "game", "cloud", "app"], ...] = ()
    verdicts: tuple[Literal["noticed", "shrugged", "cant_tell"], ...] = ()
    quiet: tuple[time, time] | None = None
    link: HttpUrl | None = None
    empty: bool = True

    @field_validator("zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, KeyError):
            raise ValueError(f"no such time zone: {value[:40]!r}") from None
        return value

    @field_validator("providers")
    @classmethod
    def _providers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        try:
            return tuple(catalog.provider_key(name) for name in value)
        except BadInput as error:
            raise ValueError(str(error)) from None

    @field_validator("quiet", mode="before")
    @classmethod
    def _quiet(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        first, dash, last = value.partition("-")
        if not dash:
            raise ValueError("write it as 22:00-08:00")
        return first.strip(), last.strip()

    def is_quiet(self, now: datetime) -> bool:
        """Whether nothing is sent at this time; quiet hours may go over midnight."""
        if self.quiet is None:
            return False
        first, last = self.quiet
        clock = now.astimezone(ZoneInfo(self.zone)).time()
        return first <= clock < last if first <= last else clock >= first or clock < last


def read_subscribers(path: Path) -> list[Subscriber]:
    """Read the subscribers of a file. Raises BadInput, whose message never has an address."""
    try:
        text = path.read_text(encoding="utf-8")
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise BadInput(f"{path}: others can read it, and it holds secrets; run chmod 600 on it")
        loaded = yaml.safe_load(text) or {}
    except FileNotFoundError:
        raise BadInput(
            f"{path}: there is no such file; docs/delivery.md says how to write it"
        ) from None
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        # The error would quote the line, and with it an address.
        raise BadInput(f"{path}: not YAML in UTF-8") from None
    rows = loaded.get("subscribers") if isinstance(loaded, dict) else None
    if not isinstance(rows, list):
        raise BadInput(f"{path}: it should begin with a list called subscribers")
    subscribers = [_subscriber(path, number, row) for number, row in enumerate(rows, 1)]
    repeated = [name for name, n in Counter(s.name for s in subscribers).items() if n > 1]
    if repeated:
        raise BadInput(f"{path}: two subscribers are called {repeated[0]}")
    return subscribers


def _subscriber(path: Path, number: int, row: object) -> Subscriber:
    try:
        return Subscriber.model_validate(row)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "it"
        raise BadInput(f"{path}: subscriber {number}: {where}: {first['msg']}") from None
