"""Writing a report's files; each stands there whole or not at all."""

from collections.abc import Collection, Iterator
from pathlib import Path

from analysis.messages import Messages
from analysis.report import render, serialization, tables
from analysis.report.data import Report
from shrug.placing import put


def write(report: Report, folder: Path, langs: Collection[str], zone: str) -> list[Path]:
    """Write a report into a folder: HTML and Markdown in each language, JSON, and its tables.

    The same report gives the same bytes. Raises BadInput where the folder can't be written to.
    """
    return sorted(put(folder / name, body) for name, body in _files(report, langs, zone))


def _files(report: Report, langs: Collection[str], zone: str) -> Iterator[tuple[str, bytes]]:
    yield "report.json", serialization.to_json(report).encode()
    for lang in langs:
        messages = Messages(lang, zone)
        yield f"report.{lang}.html", render.html(report, messages).encode()
        yield f"report.{lang}.md", render.markdown(report, messages).encode()
    for name, table in tables.tables(report).items():
        yield f"tables/{name}.csv", tables.csv(table).encode()
        yield f"tables/{name}.parquet", tables.parquet(table)
