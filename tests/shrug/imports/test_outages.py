"""Outages from YAML, CSV and JSON."""

import json
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from db.core.engine import Store
from db.core.errors import BadInput
from db.crawl import outages
from shrug.imports.outages import add_outage, import_outages
from tests.conftest import Run

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
OUTAGES = {
    "outages.yaml": """
- {provider: DeepSeek, start: 2026-03-01T20:00:00+08:00, end: 2026-03-01T21:00:00+08:00}
- {provider: 月之暗面, start: "2026-03-01 20:00", zone: Asia/Shanghai, kind: degraded, title: slow}
- {provider: nobody, start: 2026-03-01T20:00:00Z}
- {provider: kimi, start: "2026-03-01 20:00"}
- {provider: kimi, start: 2026-03-01T20:00:00Z, end: 2026-03-01T19:00:00Z}
- {provider: kimi, start: 2026-03-01T20:00:00Z, kind: explosion}
- {provider: kimi, start: "2026-03-01 20:00", zone: Mars/Olympus}
""",
    "outages.csv": "provider,start,end,kind,title\n"
    "DeepSeek,2026-03-01T12:00:00Z,2026-03-01T13:00:00Z,outage,=1+1\n"
    "Kimi,2026-03-01T12:00:00Z,,degraded,slow\n"
    "nobody,2026-03-01T12:00:00Z,,,\n"
    "kimi,yesterday,,,\n"
    "kimi,,,,\n"
    "kimi,2026-03-01T20:00:00Z,2026-03-01T19:00:00Z,,\n"
    "kimi,2026-03-01T20:00:00Z,,explosion,\n",
    "outages.json": json.dumps(
        {
            "outages": [
                {
                    "provider": "deepseek",
                    "start": "2026-03-01T12:00:00Z",
                    "end": "2026-03-01T13:00:00Z",
                },
                {"provider": "kimi", "start": "2026-03-01T12:00:00Z", "kind": "degraded"},
                {"start": "2026-03-01T12:00:00Z"},
                {"provider": ["kimi"], "start": "2026-03-01T12:00:00Z"},
                {"provider": "kimi", "start": None},
                "not an object",
                {"provider": "kimi", "start": "2026-03-01T12:00:00Z", "zone": "nowhere"},
            ]
        }
    ),
}


@pytest.mark.parametrize("name", OUTAGES)
def test_outages_come_from_yaml_csv_and_json(
    tmp_path: Path, store: Store, run: Run, name: str
) -> None:
    path = tmp_path / name
    path.write_text(OUTAGES[name], encoding="utf-8")
    code, out, err = run("outages", "import", path)
    assert code == 1
    assert "7 lines read, 2 new, 5 refused" in out
    assert err.count("Refused") == 5
    with store.reading() as connection:
        known = outages.read(connection)
    assert [(o.provider, o.start, o.end is None, o.kind) for o in known] == [
        ("deepseek", T0, False, "outage"),
        ("kimi", T0, True, "degraded"),
    ]
    again = import_outages(store, path)
    with store.reading() as connection:
        assert len(outages.read(connection)) == again.new == 2


def test_yaml_that_unfolds_without_end_costs_its_entry(tmp_path: Path, run: Run) -> None:
    lines = ['a: &a ["lol", "lol", "lol", "lol", "lol", "lol", "lol", "lol"]']
    for before, name in pairwise("abcdefghij"):
        lines.append(f"{name}: &{name} [{', '.join(['*' + before] * 8)}]")
    lines.append("outages: [{provider: *j, start: 2026-01-01T00:00:00Z}]")
    path = tmp_path / "laughs.yaml"
    path.write_text("\n".join(lines))
    code, _, err = run("outages", "import", path)
    assert code == 1
    assert "provider must be one value, not list" in err


def test_yaml_that_would_run_code_is_refused(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "evil.yaml"
    path.write_text("- !!python/object/apply:os.system ['touch /tmp/owned']\n")
    code, _, err = run("outages", "import", path)
    assert code == 2
    assert "neither YAML nor JSON" in err


def test_an_outage_by_hand_is_confirmed_and_a_bad_value_is_named(store: Store) -> None:
    outage = add_outage(store, {"provider": "DeepSeek", "start": T0.isoformat()})
    assert (outage.provider, outage.origin, outage.read_at) == ("deepseek", "manual", None)
    with pytest.raises(BadInput, match="kind must be"):
        add_outage(store, {"provider": "kimi", "start": T0.isoformat(), "kind": "explosion"})
    with store.reading() as connection:
        (known,) = outages.read(connection)
    assert (known.provider, known.start, known.confirmed) == ("deepseek", T0, True)
