"""Verdicts of outages from posts with a known answer."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Run
from tests.shrug.filling import START, fill

REPORT = ("--from", "2026-04-13", "--to", "2026-04-20")


@pytest.fixture
def filled(tmp_path: Path, run: Run) -> Run:
    fill(run, tmp_path)
    return run


def measured(run: Run) -> dict[str, Any]:
    code, out, _ = run("measure", *REPORT, "--json")
    assert code == 0
    loaded: dict[str, Any] = json.loads(out)
    return loaded


def test_a_loud_outage_is_noticed_and_a_quiet_one_shrugged_off(filled: Run) -> None:
    quiet, loud = measured(filled)["outages"]
    assert (loud["verdict"], quiet["verdict"]) == ("noticed", "shrugged")
    (channel,) = loud["channels"]
    # Window 07:30 to 12:00: 4.5 hours of 3 an hour, 200 loud ones and 3 hostile ones.
    assert channel["observed"] == pytest.approx(4.5 * 3 + 203, abs=1)
    assert channel["expected"] == pytest.approx(13.5, rel=0.05)
    assert channel["coverage"] == 1
    ratio = channel["ratio"]
    assert (
        ratio["low"]
        < ratio["estimate"]
        == channel["observed"] / channel["expected"]
        < ratio["high"]
    )
    assert ratio["low"] > 8
    assert channel["excess"]["estimate"] == channel["observed"] - channel["expected"]
    assert len(loud["posts"]) == 5
    assert all(p["url"].startswith("https://forum.example/9") for p in loud["posts"][:3])


def test_a_provider_alone_gets_the_same_verdicts(filled: Run) -> None:
    filled("outages", "add", "kimi", "2026-04-15T12:00Z", "2026-04-15T13:00Z")
    everything = measured(filled)
    alone = json.loads(filled("measure", *REPORT, "--provider", "DeepSeek", "--json")[1])
    assert alone["outages"] == [o for o in everything["outages"] if o["provider"] == "deepseek"]
    assert alone["parameters"] == everything["parameters"]


def test_an_outage_that_no_source_covered_gets_no_figure(filled: Run) -> None:
    filled("outages", "add", "kimi", "2026-04-19T12:00Z", "2026-04-19T13:00Z")
    kimi = next(o for o in measured(filled)["outages"] if o["provider"] == "kimi")
    assert kimi["verdict"] == "can't tell"
    assert kimi["reason"] == "not_covered"
    assert kimi["combined"] is None


def test_suggested_outages_change_nothing_for_the_others(filled: Run, tmp_path: Path) -> None:
    before = {o["title"]: o for o in measured(filled)["outages"]}
    path = tmp_path / "board.jsonl"
    entry = {"rank": 1, "title": "DeepSeek崩了", "heat": 10**6}
    looks = [
        {"seen_at": (START + timedelta(hours=h)).isoformat(), "board": "weibo", "entries": [entry]}
        for h in range(3)
    ]
    path.write_text("\n".join(json.dumps(look) for look in looks))
    assert filled("import", "board", path)[0] == 0
    after = measured(filled)
    suggested = next(o for o in after["outages"] if o["origin"] == "board")
    assert (suggested["confirmed"], suggested["verdict"]) == (False, "can't tell")
    assert suggested["reason"] == "found_on_board"
    for outage in after["outages"]:
        if outage["confirmed"]:
            same = before[outage["title"]]
            assert (outage["verdict"], outage["channels"]) == (same["verdict"], same["channels"])
    loud = next(o for o in after["outages"] if o["title"] == "<b>API</b> down")
    assert loud["boards"][0]["best_rank"] == 1


def test_a_week_is_judged_like_the_same_outages_in_a_longer_span(filled: Run) -> None:
    """The reference class and the provider's past are those of the year before."""
    filled("outages", "add", "deepseek", "2026-04-10T08:00Z", "2026-04-10T10:00Z")
    whole = json.loads(filled("measure", "--from", "2026-04-01", "--to", "2026-04-20", "--json")[1])
    week = measured(filled)
    assert week["outages"] == whole["outages"][1:]
    (earlier,) = week["earlier"]
    assert earlier["ratio"] == whole["outages"][0]["combined"]["ratio"]
    quiet, loud = week["outages"]
    assert loud["own_past"]["number"] == 2
    assert loud["own_past"]["louder"] == 0
    assert quiet["own_past"]["number"] == 1
