"""Some days of the daemon's life, sped up; docs/soak.md has ninety."""

from pathlib import Path

import pytest

from bench.soak import DAYS, PAGE, live, thirds


@pytest.mark.sqlite_only
def test_some_days_leave_all_posts_and_true_counts(tmp_path: Path) -> None:
    life = live(2, tmp_path, week=2)
    assert life.posts == life.published > 500
    assert life.wrong_counts == 0
    assert {outcome for _, outcome in life.outcomes} <= {"done", "partly"}
    assert {job for job, outcome in life.outcomes if outcome == "partly"} <= {"crawl", "watch"}
    before, after = thirds(life.memory["daemon"])
    assert after < 1.05 * before


def test_the_page_is_of_a_life_that_went_well() -> None:
    said = PAGE.read_text(encoding="utf-8")
    assert said.startswith(f"# {DAYS} days")
    assert " 0 hours whose counts differ" in said
    assert "failed: none" in said
