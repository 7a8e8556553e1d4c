"""Mappings from the fields of a row to those of a post: bundled ones and users' files."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from crawler.markup import words
from crawler.parsing import as_text, join_lines, parse_count, parse_time, parse_twitter_time
from db.core import resources
from db.core.errors import BadInput
from db.core.records import RawPost
from shrug.imports.lines import http_url

NonEmpty = Annotated[str, Field(min_length=1)]
FieldPath = NonEmpty | Annotated[list[NonEmpty], Field(min_length=1)]
FieldPaths = Annotated[
    list[FieldPath], BeforeValidator(lambda p: p if isinstance(p, list) else [p])
]
COUNTS = ("likes", "reposts", "replies")
_WEIBO_TIME = re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ [\d:]{8} [+-]\d{4} \d{4}")
_LEAST_MILLISECONDS = 10**11


class PostFields(BaseModel):
    """The paths at which a row may have each field of a post, best first."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    created_at: FieldPaths
    id: FieldPaths
    text: FieldPaths
    url: FieldPaths = []
    author: FieldPaths = []
    lang: FieldPaths = []
    reply_to: FieldPaths = []
    likes: FieldPaths = []
    reposts: FieldPaths = []
    replies: FieldPaths = []


REQUIRED = [name for name, field in PostFields.model_fields.items() if field.is_required()]


class FieldMapping(BaseModel):
    """How a kind of file holds posts; mappings.yaml explains each part."""

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

    def to_post(self, row: Mapping[str, Any]) -> RawPost:
        """Convert a row to a post. Raises ValueError naming a field that is missing."""
        values = {name: _value(places, row) for name, places in self.fields_}
        for name in REQUIRED:
            if values[name] is None:
                places = getattr(self.fields_, name)
                raise ValueError(f"no {name}: looked for it under {places}")
        text = str(values["text"])
        return RawPost(
            external_id=str(values["id"]),
            created_at=parse_any_time(values["created_at"], ZoneInfo(self.zone)),
            text=words(text) if self.html else text,
            url=http_url(values["url"]),
            author=as_text(values["author"]),
            lang=as_text(values["lang"]),
            reply_to=as_text(values["reply_to"]),
            **{name: parse_count(values[name]) for name in COUNTS},
        )


def _value(places: list[FieldPath], row: Mapping[str, Any]) -> Any:
    for place in places:
        if isinstance(place, list):
            value: Any = join_lines(*(as_text(_at(row, part)) for part in place))
        elif "{" in place:
            value = _fill_template(place, row)
        else:
            value = _at(row, place)
        if value not in (None, "") and not isinstance(value, dict | list):
            return value
    return None


@cache
def bundled_mappings() -> dict[str, FieldMapping]:
    """Return the bundled mappings by the name of their format."""
    loaded = resources.load_yaml(Path(__file__).parent / "mappings.yaml")
    return {name: FieldMapping(**value) for name, value in loaded.items()}


def bundled_mapping(name: str) -> FieldMapping:
    """Return the bundled mapping of a format. Raises BadInput naming all formats."""
    try:
        return bundled_mappings()[name]
    except KeyError:
        known = ", ".join(["shrug", *bundled_mappings()])
        raise BadInput(f"--format: no form {name[:40]!r}; there are {known}") from None


def read_mapping(path: Path) -> FieldMapping:
    """Read a mapping from a YAML file. Raises BadInput naming what is wrong with it."""
    try:
        value: Any = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, RecursionError, yaml.YAMLError) as error:
        raise BadInput(f"{path}: cannot be read: {str(error).splitlines()[0]}") from None
    try:
        return FieldMapping.model_validate(value)
    except ValidationError as error:
        raise BadInput(f"{path}: {_reason(error)}; docs/imports.md has an example") from None


def _reason(error: ValidationError) -> str:
    """What is wrong with a mapping, in words."""
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


def parse_any_time(value: Any, zone: ZoneInfo) -> datetime:
    """Parse a time: ISO 8601, in `zone` if it names none; seconds or milliseconds since 1970; or as
    in "Mon Aug 11 21:50:00 +0800 2025". Raises ValueError."""
    text = str(value).strip()
    if re.fullmatch(r"\d{9,16}(\.\d+)?", text):
        number = float(text)
        return parse_time(number / 1000 if number > _LEAST_MILLISECONDS else number)
    if _WEIBO_TIME.fullmatch(text):
        return parse_twitter_time(text)
    return parse_time(text, zone)


def _at(row: Any, path: str) -> Any:
    """The value at a dotted path; a key that contains dots itself comes first."""
    if isinstance(row, Mapping) and path in row:
        return row[path]
    head, _, rest = path.partition(".")
    if isinstance(row, list) and re.fullmatch(r"[0-9]{1,6}", head) and int(head) < len(row):
        value = row[int(head)]
    else:
        value = row.get(head) if isinstance(row, Mapping) else None
    return _at(value, rest) if rest and value is not None else value


def _fill_template(place: str, row: Mapping[str, Any]) -> str | None:
    """A template with each {name} replaced; None if the row lacks one."""
    names = re.findall(r"{([^{}]+)}", place)
    values = {name: as_text(_at(row, name)) for name in names}
    if not all(values.values()):
        return None
    for name, value in values.items():
        place = place.replace(f"{{{name}}}", str(value))
    return place
