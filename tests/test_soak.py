"""Some days of the daemon's life, sped up; docs/soak.md has ninety."""

from pathlib import Path

import pytest

from bench.soak import live


@pytest.mark.sqlite_only
def test_some_days_leave_all_posts_and_true_counts(tmp_path: Path) -> None:
    life = live(2, tmp_path, week=2)
    assert life.posts == life.published > 500
    assert life.wrong_counts == 0
    assert life.outcomes
    assert {outcome for _, outcome in life.outcomes} <= {"done", "partly"}
    assert {job for job, outcome in life.outcomes if outcome == "partly"} <= {"crawl", "watch"}
