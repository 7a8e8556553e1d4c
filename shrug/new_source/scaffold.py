"""Writes the files of a new source, never over existing ones."""

import json
import re
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined

from db import catalog
from db.core.errors import BadInput

SHAPES = ("window", "backward")
_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")
_TIME = "2025-08-11T13:50:00+00:00"
_GOOD = {"id": "1", "created_at": _TIME, "title": "DeepSeek", "text": "is down"}
_LINK = "https://forum.example/1"


def write(name: str, shape: str, into: Path, *, package: bool) -> list[Path]:
    """Write a source's spider, entry, responses and test, and return the files.

    They go into a checkout of shrug, or make a package that adds the source by entry point. Raises
    BadInput if the name or the shape is invalid, or a file exists.
    """
    if not _NAME.fullmatch(name) or name in catalog.sources():
        raise BadInput(f"{name[:40]!r}: a name that no source has yet, of a-z, 0-9 and _")
    if shape not in SHAPES:
        raise BadInput(f"--shape: one of {', '.join(SHAPES)}, not {shape[:40]!r}")
    files = _package(name, shape) if package else _checkout(name, shape, into)
    existing = [into / path for path in files if (into / path).exists() and path != _CATALOG]
    if existing:
        raise BadInput(f"{existing[0]} is there already; nothing was written")
    for path, text in files.items():
        (into / path).parent.mkdir(parents=True, exist_ok=True)
        (into / path).write_text(text, encoding="utf-8")
    return [into / path for path in files]


_CATALOG = "db/catalog/sources.yaml"


def _checkout(name: str, shape: str, into: Path) -> dict[str, str]:
    try:
        entries = (into / _CATALOG).read_text(encoding="utf-8")
    except OSError:
        raise BadInput(f"{into}: no checkout of shrug; --package writes a package") from None
    return {
        f"crawler/spiders/{name}.py": _render("spider.py.j2", _variables(name, shape)),
        **{f"tests/answers/{name}/{file}": text for file, text in _responses().items()},
        _CATALOG: entries.rstrip("\n")
        + "\n"
        + _render("entry.yaml.j2", {"name": name, "place": name}),
    }


def _package(name: str, shape: str) -> dict[str, str]:
    module = f"shrug_{name}"
    variables = {**_variables(name, shape), "package": module, "place": f"{module}:{_spider(name)}"}
    entry = yaml.safe_load(_render("entry.yaml.j2", variables))[name]
    lines = "".join(f"    {key!r}: {value!r},\n" for key, value in entry.items()).replace("'", '"')
    code = _render("spider.py.j2", variables)
    return {
        f"{module}.py": f"{code}\n\n# See db/catalog/sources.yaml of shrug for each field.\n"
        f"ENTRY = {{\n{lines}}}\n",
        "pyproject.toml": _render("pyproject.toml.j2", variables),
        f"tests/test_{name}.py": _render("test.py.j2", variables),
        **{f"tests/answers/{file}": text for file, text in _responses().items()},
    }


def _responses() -> dict[str, str]:
    """A normal response with a bad entry, an empty one, and a broken one."""
    post = {"external_id": "1", "created_at": _TIME, "text": "DeepSeek\nis down"}
    responses: dict[str, Any] = {
        "search.json": {"posts": [{**_GOOD, "url": _LINK, "author": "someone"}, {"id": "2"}]},
        "search.expected.json": {
            "posts": [{**post, "url": _LINK, "author": "someone"}],
            "refused": 1,
        },
        "empty.json": {"posts": []},
        "broken.json": {"error": "log in first"},
    }
    return {
        name: json.dumps(value, ensure_ascii=False, indent=1) + "\n"
        for name, value in responses.items()
    }


def _variables(name: str, shape: str) -> dict[str, str]:
    title = name.replace("_", " ").capitalize()
    return {"name": name, "shape": shape, "spider": _spider(name), "title": title}


def _spider(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _render(template: str, variables: dict[str, str]) -> str:
    # The templates write code, not markup.
    env = Environment(  # noqa: S701
        loader=PackageLoader("shrug", "new_source"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return env.get_template(template).render(variables)
