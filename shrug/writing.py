"""Writing a report's files; each stands there whole or not at all."""

from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from analysis.messages import Messages
from analysis.report import as_json, render, tables
from analysis.report.data import Report
from db.errors import BadInput


def write(report: Report, folder: Path, langs: Collection[str], zone: str) -> list[Path]:
    """Write a report into a folder: HTML and Markdown in each language, JSON, and its tables.

    The same report gives the same bytes. Raises BadInput where the folder can't be written to.
    """
    return sorted(put(folder / name, body) for name, body in _files(report, langs, zone))


def _files(report: Report, langs: Collection[str], zone: str) -> Iterator[tuple[str, bytes]]:
    yield "report.json", as_json.dump(report).encode()
    for lang in langs:
        messages = Messages(lang, zone)
        yield f"report.{lang}.html", render.html(report, messages).encode()
        yield f"report.{lang}.md", render.markdown(report, messages).encode()
    for name, table in tables.tables(report).items():
        yield f"tables/{name}.csv", tables.csv(table).encode()
        yield f"tables/{name}.parquet", tables.parquet(table)


def put(path: Path, body: bytes) -> Path:
    """Write a file that stands there whole or not at all; BadInput where it can't be written."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(body)
        part.replace(path)
    except OSError as error:
        raise BadInput(f"--out: {path}: {error.strerror}") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return path
