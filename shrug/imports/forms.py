"""Which field of a row is which of a post: bundled forms, and mapping files of one's own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from crawler.markup import words
from crawler.reading import instant, joined, posted_time, rough_count, text_or_none
from db import bundled
from db.errors import BadInput
from db.records import RawPost

Place = str | list[str]
FIELDS = ("id", "text", "created_at", "url", "author", "lang")
COUNTS = ("likes", "reposts", "replies")
KINDS = ("", "lines", "csv", "json", "car")
_TEXTS = ("source", "rows", "items", "within", "zone")
NEEDED = {"id", "text", "created_at"}
_POSTED = re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ [\d:]{8} [+-]\d{4} \d{4}")
_MILLISECONDS = 10**11


@dataclass(frozen=True, slots=True)
class Form:
    """How a kind of file holds posts; see forms.yaml for each part."""

    source: str
    fields: Mapping[str, list[Place]]
    rows: str = ""
    items: str = "item"
    within: str = ""
    zone: str = "UTC"
    html: bool = False
    form: str = ""

    def post(self, row: Mapping[str, Any]) -> RawPost:
        """The post that a row is. Raises ValueError naming the field that it lacks."""
        found = {name: self._value(name, row) for name in (*FIELDS, "reply_to", *COUNTS)}
        for name in sorted(NEEDED):
            if found[name] in (None, ""):
                raise ValueError(f"no {name}: looked for it under {self.fields[name]}")
        text = str(found["text"])
        url = text_or_none(found["url"])
        return RawPost(
            external_id=str(found["id"]),
            created_at=time_of(found["created_at"], ZoneInfo(self.zone)),
            text=words(text) if self.html else text,
            url=url if url and url.startswith(("http://", "https://")) else None,
            author=text_or_none(found["author"]),
            lang=text_or_none(found["lang"]),
            reply_to=text_or_none(found["reply_to"]),
            **{name: rough_count(found[name]) for name in COUNTS},
        )

    def _value(self, name: str, row: Mapping[str, Any]) -> Any:
        for place in self.fields.get(name, []):
            if isinstance(place, list):
                value: Any = joined(*(text_or_none(_at(row, part)) for part in place))
            elif "{" in place:
                value = _filled(place, row)
            else:
                value = _at(row, place)
            if value not in (None, "") and not isinstance(value, dict | list):
                return value
        return None


@cache
def forms() -> dict[str, Form]:
    """The bundled forms by name."""
    loaded = bundled.load(Path(__file__).parent / "forms.yaml")
    return {name: Form(**value) for name, value in loaded.items()}


def form_of(name: str) -> Form:
    """A bundled form. Raises BadInput naming those that there are."""
    try:
        return forms()[name]
    except KeyError:
        known = ", ".join(["shrug", *forms()])
        raise BadInput(f"--format: no form {name[:40]!r}; there are {known}") from None


def read_mapping(path: Path) -> Form:
    """A form from a file. Raises BadInput naming what is wrong with it."""
    try:
        value: Any = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, RecursionError, yaml.YAMLError) as error:
        raise BadInput(f"{path}: cannot be read: {str(error).splitlines()[0]}") from None
    try:
        return _checked(value)
    except (ValueError, TypeError) as error:
        raise BadInput(f"{path}: {error}; docs/imports.md has an example") from None


def _checked(value: Any) -> Form:
    if not isinstance(value, dict) or not isinstance(value.get("fields"), dict):
        raise ValueError("source and fields were due")
    if unknown := sorted(set(value) - {f.name for f in fields(Form)}):
        raise ValueError(f"{', '.join(map(str, unknown))[:80]} is no part of a mapping")
    places = {name: _places(name, given) for name, given in value["fields"].items()}
    known = {*FIELDS, *COUNTS, "reply_to"}
    if unknown := sorted(set(places) - known):
        raise ValueError(f"{', '.join(map(str, unknown))[:80]} is no field of a post")
    if lacking := sorted(NEEDED - set(places)):
        raise ValueError(f"{', '.join(lacking)} is not mapped")
    form = Form(**{**value, "fields": places})
    if not form.source or not all(isinstance(getattr(form, n), str) for n in _TEXTS):
        raise ValueError(f"{', '.join(_TEXTS)} must be text")
    if form.rows not in KINDS:
        raise ValueError(f"rows must be one of {', '.join(filter(None, KINDS))}")
    try:
        ZoneInfo(form.zone)
    except (ZoneInfoNotFoundError, TypeError, ValueError, OSError):
        raise ValueError(f"no such zone: {str(form.zone)[:40]!r}") from None
    return form


def _places(name: Any, given: Any) -> list[Place]:
    places: list[Any] = given if isinstance(given, list) else [given]
    for place in places:
        parts: list[Any] = place if isinstance(place, list) else [place]
        if not all(isinstance(part, str) and part for part in parts):
            raise ValueError(f"{str(name)[:40]} must name fields")
    return places


def time_of(value: Any, zone: ZoneInfo) -> datetime:
    """A time as files write them: ISO 8601, on a zone's clock where it names none; seconds or
    milliseconds since 1970; or as in "Mon Aug 11 21:50:00 +0800 2025"."""
    text = str(value).strip()
    if re.fullmatch(r"\d{9,16}(\.\d+)?", text):
        number = float(text)
        return instant(number / 1000 if number > _MILLISECONDS else number)
    if _POSTED.fullmatch(text):
        return posted_time(text)
    return instant(text, zone)


def _at(row: Any, path: str) -> Any:
    """What stands at a dotted path; a key that holds dots itself goes before."""
    if isinstance(row, Mapping) and path in row:
        return row[path]
    head, _, rest = path.partition(".")
    if isinstance(row, list) and re.fullmatch(r"[0-9]{1,6}", head) and int(head) < len(row):
        found = row[int(head)]
    else:
        found = row.get(head) if isinstance(row, Mapping) else None
    return _at(found, rest) if rest and found is not None else found


def _filled(place: str, row: Mapping[str, Any]) -> str | None:
    """An address whose every {name} the row has."""
    names = re.findall(r"{([^{}]+)}", place)
    values = {name: text_or_none(_at(row, name)) for name in names}
    if not all(values.values()):
        return None
    for name, value in values.items():
        place = place.replace(f"{{{name}}}", str(value))
    return place
