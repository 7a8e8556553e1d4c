"""Reading answers: strict about form, tolerant of one bad entry among good ones."""

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

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
SLACK = timedelta(days=1)
# A page is read whole: of more than this its memory and time would grow out of bounds. Sources give
# up to 1,000 posts a page.
MOST_ENTRIES = 10_000
MOST_VALUES = 1_000_000
MOST_TAGS = 200_000
_SHOWN = 80
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "万": 10**4, "亿": 10**8}


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """What an answer held: the good entries, and why each bad one was refused.

    total: how many there are in all, where it says so. next: what asks for the page after it, if
    there is one. wait: seconds that the source wants to be left alone for.
    """

    entries: tuple[T, ...]
    refused: tuple[str, ...] = ()
    total: int | None = None
    next: str | None = None
    wait: float = 0.0


def refuse_crowded(body: bytes, what: str) -> None:
    """SourceChanged where an answer holds so many values or tags that no reader should begin."""
    values = sum(body.count(mark) for mark in (b",", b"[", b"{"))
    tags = body.count(b"<")
    if values > MOST_VALUES or tags > MOST_TAGS:
        raise SourceChanged(f"{what}: a page was due, {values} values and {tags} tags came")


def load_json(body: bytes, what: str) -> Any:
    """The JSON value of an answer, or SourceChanged saying what came instead."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        start = body[:_SHOWN].decode("utf-8", "replace").strip()
        raise SourceChanged(f"{what}: JSON was due, {start!r} came") from None


def field(value: Any, name: str, kind: type[T], what: str) -> T:
    """A field that the documented form always has."""
    found = value.get(name) if isinstance(value, dict) else None
    if not isinstance(found, kind):
        raise SourceChanged(
            f"{what}: {name} ({kind.__name__}) was due, {type(found).__name__} came"
        )
    return found


def each(
    entries: Iterable[Any], read: Callable[[Any], T | None]
) -> tuple[tuple[T, ...], tuple[str, ...]]:
    """Read entries one by one; what one refuses with ValueError or LookupError costs that one only.

    Raises SourceChanged where there are more than MOST_ENTRIES.
    """
    good: list[T] = []
    refused: list[str] = []
    for number, entry in enumerate(entries):
        if number >= MOST_ENTRIES:
            raise SourceChanged(f"a page was due, more than {MOST_ENTRIES} entries came")
        try:
            item = read(entry)
        except (ValueError, LookupError, TypeError, OverflowError, AttributeError) as error:
            refused.append(f"entry {number}: {type(error).__name__}: {str(error)[:_SHOWN]}")
            continue
        if item is not None:
            good.append(item)
    return tuple(good), tuple(refused)


def instant(value: Any, zone: tzinfo | None = None) -> datetime:
    """An ISO 8601 time, or seconds since 1970, as UTC; one that names no zone is on the clock of
    `zone`.

    Raises ValueError for a time whose zone is not known, before 2000, or in the future.
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
    if not EARLIEST <= at <= datetime.now(UTC) + SLACK:
        raise ValueError(f"the time {at.isoformat()} is out of range")
    return at


def load_list(body: bytes, what: str) -> list[Any]:
    """The JSON list of an answer, or SourceChanged."""
    answer = load_json(body, what)
    if not isinstance(answer, list):
        raise SourceChanged(f"{what}: a list was due, {type(answer).__name__} came")
    return answer


def posted_time(text: str) -> datetime:
    """A time as Weibo and Twitter write it: "Mon Aug 11 21:50:00 +0800 2025"."""
    return instant(datetime.strptime(text, "%a %b %d %H:%M:%S %z %Y"))


def http_date(header: bytes) -> datetime:
    """The time of an HTTP header. Raises ValueError or OverflowError if it is none."""
    at = parsedate_to_datetime(header.decode("latin-1").strip())
    return read_time(at, UTC).astimezone(UTC)


def rough_count(value: Any) -> int | None:
    """A count as people read it: 1.2K, 3万, 1万+, "赞 5"; None where it holds no number."""
    if isinstance(value, int):
        return count_or_none(value)
    found = re.search(r"(\d+(?:\.\d+)?)\s*([KkMm万亿]?)", str(value or "").replace(",", ""))
    if found is None:
        return None
    return count_or_none(round(float(found[1]) * _UNITS[found[2].upper()]))


def joined(*parts: str | None) -> str:
    """Parts of a post, such as its title and its body, as lines; what is empty is left out."""
    return "\n".join(part for part in parts if part)


def text_or_none(value: Any) -> str | None:
    return str(value) if value not in (None, "") else None


def count_or_none(value: Any) -> int | None:
    """A count that a store can hold, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = int(value)
    except (ValueError, OverflowError):
        return None
    return number if 0 <= number < 2**53 else None
