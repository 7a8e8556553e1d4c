"""Parsing of responses: strict about their form, tolerant of bad entries among good ones."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from typing import Any, Generic, TypeVar

from db.core.errors import SourceChanged
from db.core.times import read_time

T = TypeVar("T")

EARLIEST_TIME = datetime(2000, 1, 1, tzinfo=UTC)
FUTURE_TOLERANCE = timedelta(days=1)
# Larger pages would take too much memory and time. Sources give up to 1,000 posts a page.
MAX_ENTRIES = 10_000
MAX_VALUES = 1_000_000
MAX_TAGS = 200_000
_EXCERPT_LENGTH = 80
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "万": 10**4, "亿": 10**8}


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """The good entries of a response, and for each bad one the reason why it was refused.

    total: the stated number of entries of all pages. next: token of the next page. wait: seconds
    to wait before the next request.
    """

    entries: tuple[T, ...]
    refused: tuple[str, ...] = ()
    total: int | None = None
    next: str | None = None
    wait: float = 0.0

    @property
    def size(self) -> int:
        """The number of entries, good or bad."""
        return len(self.entries) + len(self.refused)


def check_size(body: bytes, what: str) -> None:
    """Raise SourceChanged if a response has too many values or tags to be parsed."""
    values = sum(body.count(mark) for mark in (b",", b"[", b"{"))
    tags = body.count(b"<")
    if values > MAX_VALUES or tags > MAX_TAGS:
        raise SourceChanged(f"{what}: a page was due, {values} values and {tags} tags came")


def load_json(body: bytes, what: str) -> Any:
    """Parse JSON. Raises SourceChanged, with the start of the body, if it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        start = body[:_EXCERPT_LENGTH].decode("utf-8", "replace").strip()
        raise SourceChanged(f"{what}: JSON was due, {start!r} came") from None


def field(value: Any, name: str, kind: type[T], what: str) -> T:
    """Return a required field of an object. Raises SourceChanged if it is not a `kind`."""
    content = value.get(name) if isinstance(value, dict) else None
    if not isinstance(content, kind):
        raise SourceChanged(
            f"{what}: {name} ({kind.__name__}) was due, {type(content).__name__} came"
        )
    return content


def each(
    entries: Iterable[Any], read: Callable[[Any], T | None]
) -> tuple[tuple[T, ...], tuple[str, ...]]:
    """Read entries one by one; return the good ones, and the errors of the bad ones.

    `read` returns None for an entry to skip. Raises SourceChanged if there are more than
    MAX_ENTRIES.
    """
    good: list[T] = []
    refused: list[str] = []
    for number, entry in enumerate(entries):
        if number >= MAX_ENTRIES:
            raise SourceChanged(f"a page was due, more than {MAX_ENTRIES} entries came")
        try:
            item = read(entry)
        except (ValueError, LookupError, TypeError, OverflowError, AttributeError) as error:
            refused.append(
                f"entry {number}: {type(error).__name__}: {str(error)[:_EXCERPT_LENGTH]}"
            )
            continue
        if item is not None:
            good.append(item)
    return tuple(good), tuple(refused)


def parse_time(value: Any, zone: tzinfo | None = None) -> datetime:
    """Parse an ISO 8601 time, or seconds since 1970, to UTC; `zone`: of a time that names none.

    Raises ValueError if the zone is not known, or the time is before 2000 or in the future.
    """
    if isinstance(value, bool):
        raise ValueError("a time was due, a truth value came")
    if isinstance(value, int | float):
        try:
            at = datetime.fromtimestamp(value, UTC)
        except OSError:
            raise ValueError(f"the time {value!r} is out of range") from None
    else:
        at = read_time(value if isinstance(value, datetime) else str(value), zone)
        at = at.astimezone(UTC)
    if not EARLIEST_TIME <= at <= datetime.now(UTC) + FUTURE_TOLERANCE:
        raise ValueError(f"the time {at.isoformat()} is out of range")
    return at


def load_list(body: bytes, what: str) -> list[Any]:
    """Parse a JSON list. Raises SourceChanged if it is none."""
    answer = load_json(body, what)
    if not isinstance(answer, list):
        raise SourceChanged(f"{what}: a list was due, {type(answer).__name__} came")
    return answer


def parse_twitter_time(text: str) -> datetime:
    """Parse a time as Weibo and Twitter write it: "Mon Aug 11 21:50:00 +0800 2025"."""
    return parse_time(datetime.strptime(text, "%a %b %d %H:%M:%S %z %Y"))


def parse_http_date(header: bytes) -> datetime:
    """Parse the time of an HTTP header. Raises ValueError or OverflowError if it is none."""
    at = parsedate_to_datetime(header.decode("latin-1").strip())
    return read_time(at, UTC).astimezone(UTC)


def parse_count(value: Any) -> int | None:
    """Parse an abbreviated count: 1.2K, 3万, 1万+, "赞 5"; None if there is no number."""
    if isinstance(value, int):
        return as_count(value)
    match = re.search(r"(\d+(?:\.\d+)?)\s*([KkMm万亿]?)", str(value or "").replace(",", ""))
    if match is None:
        return None
    return as_count(round(float(match[1]) * _UNITS[match[2].upper()]))


def join_lines(*parts: str | None) -> str:
    """Join the parts of a post, such as title and body, as lines, without empty ones."""
    return "\n".join(part for part in parts if part)


def as_text(value: Any) -> str | None:
    """Convert a value to text; None if it is None or empty."""
    return str(value) if value not in (None, "") else None


def as_count(value: Any) -> int | None:
    """Convert a value to a count from 0 to 2**53; None if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = int(value)
    except (ValueError, OverflowError):
        return None
    return number if 0 <= number < 2**53 else None
