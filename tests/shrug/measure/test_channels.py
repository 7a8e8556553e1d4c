"""A flood of near-copies, or of one account, is nobody's attention; as many voices are."""

import json
from datetime import timedelta

import pytest

from db.core.engine import Store
from tests.conftest import Run
from tests.shrug.measure.floods import OUTAGE, fill_with_flood, make_post


@pytest.mark.parametrize("flood", ["copies", "one account", None])
def test_a_flood_is_no_attention(run: Run, store: Store, flood: str | None) -> None:
    at = [OUTAGE + timedelta(seconds=10 * i) for i in range(300)]
    author = "bot" if flood == "one account" else ""
    copied = flood == "copies"
    many = [make_post(n, t, 7 if copied else n, author) for n, t in enumerate(at, start=10_000)]
    fill_with_flood(store, many)
    code, out, _ = run("measure", "--json")
    assert code == 0
    outage = json.loads(out)["outages"][0]
    channel = outage["channels"][0]
    assert outage["verdict"] == ("can't tell" if flood else "noticed")
    assert channel["observed"] > 300
    assert (channel["voices"] < 60) is bool(flood)
    assert (channel["reason"] == "flood") is bool(flood)
