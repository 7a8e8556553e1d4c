"""Which field of a row is which of a post: bundled forms, and mapping files of one's own."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
)

from crawler.markup import words
from crawler.parsing import instant, joined, posted_time, rough_count, text_or_none
from db.core import resources
from db.core.errors import BadInput
from db.core.records import RawPost

NonEmpty = Annotated[str, Field(min_length=1)]
Place = NonEmpty | Annotated[list[NonEmpty], Field(min_length=1)]
Places = Annotated[list[Place], BeforeValidator(lambda p: p if isinstance(p, list) else [p])]
COUNTS = ("likes", "reposts", "replies")
_POSTED = re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ [\d:]{8} [+-]\d{4} \d{4}")
_MILLISECONDS = 10**11


class PostFields(BaseModel):
    """Where a row may have each field of a post, best first."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    created_at: Places
    id: Places
    text: Places
    url: Places = []
    author: Places = []
    lang: Places = []
    reply_to: Places = []
    likes: Places = []
    reposts: Places = []
    replies: Places = []


REQUIRED = [name for name, field in PostFields.model_fields.items() if field.is_required()]


class FieldMapping(BaseModel):
    """How a kind of file holds posts; see forms.yaml for each part."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    source: NonEmpty
    fields_: PostFields = Field(alias="fields")
    rows: Literal["", "lines", "csv", "json", "car"] = ""
    items: str = "item"
    within: str = ""
    zone: str = "UTC"
    html: bool = False
    form: str = ""

    @field_validator("zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"no such zone: {value[:40]!r}") from None
        return value

    def post(self, row: Mapping[str, Any]) -> RawPost:
        """The post that a row is. Raises ValueError naming the field that it lacks."""
        found = {name: _value(places, row) for name, places in self.fields_}
        for name in REQUIRED:
            if found[name] is None:
                places = getattr(self.fields_, name)
                raise ValueError(f"no {name}: looked for it under {places}")
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


def _value(places: list[Place], row: Mapping[str, Any]) -> Any:
    for place in places:
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
def forms() -> dict[str, FieldMapping]:
    """The bundled forms by name."""
    loaded = resources.load(Path(__file__).parent / "mappings.yaml")
    return {name: FieldMapping(**value) for name, value in loaded.items()}


def form_of(name: str) -> FieldMapping:
    """A bundled form. Raises BadInput naming those that there are."""
    try:
        return forms()[name]
    except KeyError:
        known = ", ".join(["shrug", *forms()])
        raise BadInput(f"--format: no form {name[:40]!r}; there are {known}") from None


def read_mapping(path: Path) -> FieldMapping:
    """A mapping from a file. Raises BadInput naming what is wrong with it."""
    try:
        value: Any = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, RecursionError, yaml.YAMLError) as error:
        raise BadInput(f"{path}: cannot be read: {str(error).splitlines()[0]}") from None
    try:
        return FieldMapping.model_validate(value)
    except ValidationError as error:
        raise BadInput(f"{path}: {_reason(error)}; docs/imports.md has an example") from None


def _reason(error: ValidationError) -> str:
    """What is wrong with a mapping, and with which of its keys."""
    first = error.errors(include_url=False, include_input=False)[0]
    key, kind = ".".join(str(part)[:40] for part in first["loc"][:2]), first["type"]
    if kind in {"missing", "model_type"} and "." not in key:
        return "source and fields were due"
    if kind == "missing":
        return f"{key} is not mapped"
    if kind == "extra_forbidden":
        return f"{key} is no field of a post" if "." in key else f"{key} is no part of a mapping"
    if kind == "literal_error":
        return f"{key} must be one of {first['ctx']['expected']}"
    if kind == "value_error":
        return str(first["ctx"]["error"])
    return f"{key} must name fields" if "." in key else f"{key}: {first['msg']}"


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
