"""A report as tables: rows with every column, as CSV and as JSON lines."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from math import inf, nan
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from analysis.report.tables import COLUMNS, as_csv, as_jsonl, columns, report_tables
from tests.analysis.report.reports import make_outage, make_report, measured_behaviour

KINDS = {"name": "text", "number": "int", "share": "float", "at": "time", "open": "flag"}
AT = datetime(2026, 4, 15, 8, tzinfo=UTC)


def test_an_interval_is_declared_as_three_columns() -> None:
    assert columns("id:int ratio:interval") == {
        "id": "int",
        "ratio": "float",
        "ratio_low": "float",
        "ratio_high": "float",
    }


def test_every_row_of_a_report_has_the_columns_of_its_table() -> None:
    outage = make_outage(7, "kimi", measured_behaviour(100, switching=30), ratio=2.0)
    tables = report_tables(make_report([outage], earlier=(replace(outage, id=6),)))
    assert list(tables) == list(COLUMNS)
    for name in ("acts", "channels", "claims", "earlier", "named", "outages"):
        assert tables[name], name
        assert all(list(row) == list(COLUMNS[name]) for row in tables[name])
    assert {row["id"] for name in ("acts", "channels", "named") for row in tables[name]} == {7}
    (row,), (earlier,) = tables["outages"], tables["earlier"]
    assert outage.ratio
    assert (row["id"], earlier["id"], row["simulated"]) == (7, 6, False)
    assert (row["ratio"], row["ratio_low"]) == (outage.ratio.estimate, outage.ratio.low)


def test_an_outage_without_a_measurement_has_empty_cells() -> None:
    outage = replace(make_outage(1, "kimi", None), combined=None, ongoing=True)
    (row,) = report_tables(make_report([outage]))["outages"]
    empty = ("end", "observed", "expected", "ratio", "ratio_low", "ratio_high", "rank")
    assert {name: row[name] for name in empty} == dict.fromkeys(empty)


def test_a_switching_act_keeps_its_counts() -> None:
    outage = make_outage(1, "kimi", measured_behaviour(100, switching=30))
    acts = {row["act"]: row for row in report_tables(make_report([outage]))["acts"]}
    assert acts["switching"]["posts"] == 30
    assert acts["switching"]["share"] == 0.3
    assert "others" in acts


@given(st.text(max_size=30))
def test_no_text_of_a_csv_is_a_formula(text: str) -> None:
    rows: list[dict[str, Any]] = [{"name": text}]
    written = as_csv(rows, {"name": "text"})
    head, *cells = csv.reader(io.StringIO(written, newline=""))
    assert head == ["name"]
    assert not "".join(cell for row in cells for cell in row).startswith(
        ("=", "+", "-", "@", "\t", "\r")
    )


def test_json_lines_have_all_columns_and_no_infinity() -> None:
    rows: list[dict[str, Any]] = [
        {"name": "a", "number": 3.0, "share": inf, "at": AT, "open": 1},
        {"share": nan},
    ]
    first, second = map(json.loads, as_jsonl(rows, KINDS).splitlines())
    assert first == {
        "name": "a",
        "number": 3,
        "share": None,
        "at": "2026-04-15T08:00:00Z",
        "open": True,
    }
    assert second == dict.fromkeys(KINDS)


def test_csv_batches_share_one_head() -> None:
    parts = [as_csv([{"name": "a"}], KINDS), as_csv([{"name": "b"}], KINDS, head=False)]
    assert "".join(parts).splitlines() == ["name,number,share,at,open", "a,,,,", "b,,,,"]
