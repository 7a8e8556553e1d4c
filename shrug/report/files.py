"""Writing a report's files; each is complete or absent."""

from collections.abc import Collection, Iterator
from pathlib import Path

from analysis.messages import Messages
from analysis.report import render, serialization, tables
from analysis.report.data import Report
from db.core.extras import installed
from db.core.files import write_atomic


def write_report(report: Report, folder: Path, langs: Collection[str], zone: str) -> list[Path]:
    """Write a report into a folder: HTML and Markdown in each language, JSON, and its tables
    as CSV, and as Parquet if the extra `frames` is installed.

    The same report gives the same bytes. Raises BadInput if the folder can't be written to.
    """
    written = []
    for name, body in _files(report, langs, zone):
        path = folder / name
        with write_atomic(path, label=f"--out: {path}") as part:
            part.write_bytes(body)
        written.append(path)
    return sorted(written)


def _files(report: Report, langs: Collection[str], zone: str) -> Iterator[tuple[str, bytes]]:
    yield "report.json", serialization.to_json(report).encode()
    for lang in langs:
        messages = Messages(lang, zone)
        yield f"report.{lang}.html", render.render_html(report, messages).encode()
        yield f"report.{lang}.md", render.render_markdown(report, messages).encode()
    with_parquet = installed("pandas", "pyarrow")
    for name, rows in tables.report_tables(report).items():
        columns = tables.COLUMNS[name]
        yield f"tables/{name}.csv", tables.as_csv(rows, columns).encode()
        if with_parquet:
            from analysis.report.dataframes import parquet_bytes

            yield f"tables/{name}.parquet", parquet_bytes(rows, columns)
