"""How a figure came about: every step, and every post that was counted."""

import json
import re

import pytest

from tests.conftest import Run
from tests.shrug.filling import HOSTILE


def explained(run: Run, *arguments: object) -> str:
    code, out, err = run("explain", *arguments)
    assert code == 0, err
    return out


def test_the_steps_lead_to_the_verdict_and_add_up(full: Run) -> None:
    explanation = json.loads(explained(full, 1, "--json"))
    (channel,) = explanation["outage"]["channels"]
    text = explained(full, 1, "--posts", 0)
    assert f"Posts counted in the window: {channel['observed']}" in text
    # Every post that was counted is shown, and as many as were counted.
    assert f"Posts counted: {channel['observed']}" in text
    assert len(re.findall(r"^   2026-04-15 \d\d:\d\d forum ", text, re.M)) == channel["observed"]
    assert len(explanation["posts"]) == channel["observed"]
    line = re.search(r"Ratio: (\d+) / ([\d.]+) = ([\d.]+)", text)
    assert line
    observed, expected, ratio = map(float, line.groups())
    assert ratio == pytest.approx(observed / expected, rel=0.02)
    assert "Result: noticed." in text
    days = explanation["earlier_days"]["forum"]
    assert len(days) == channel["baseline_blocks"] + 1 - 1
    # Quiet days hold three posts an hour.
    assert sum(d["posts"] for d in days) / sum(d["hours"] for d in days) == pytest.approx(
        3, rel=0.1
    )


def test_few_posts_are_shown_unless_all_are_asked_for(full: Run) -> None:
    text = explained(full, 1)
    assert text.count(" forum ") <= 22
    assert re.search(r"… and \d+ more; --posts 0 shows all", text)


def test_a_post_steers_no_terminal(full: Run) -> None:
    text = explained(full, 1, "--posts", 0)
    assert HOSTILE[0] in text
    assert "\u202e" not in text


def test_explain_speaks_chinese(full: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from analysis.messages import Messages
    from shrug.cli import console, explain

    chinese = Messages("zh")
    for module in (explain, console):
        monkeypatch.setattr(module, "messages", chinese)
    text = explained(full, 2)
    assert "结论：无人在意。" in text
    assert "窗口内计得" in text


@pytest.mark.parametrize("wrong", ["99", "deepseek", "-1"])
def test_an_outage_that_is_none_is_named(full: Run, wrong: str) -> None:
    code, _, err = full("explain", "--", wrong) if wrong == "-1" else full("explain", wrong)
    assert code == 2
    assert len(err.strip().splitlines()) >= 1
