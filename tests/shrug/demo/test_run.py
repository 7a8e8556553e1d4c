"""The whole way, once: the demo as a user runs it, its truth beside its estimates."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from db.core import metadata
from db.counts import hourly as counts_hourly
from shrug.demo import plan
from shrug.demo.world import DemoWorld, make_world
from shrug.store.bootstrap import open_ready_store


@pytest.fixture(scope="module")
def world() -> DemoWorld:
    return make_world(plan.read_plan())


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [sys.executable, "-m", "shrug", "demo", "--out", str(folder)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "Simulated data" in done.stderr
    return folder


@pytest.fixture(scope="module")
def report(demo: Path) -> Any:
    return json.loads((demo / "report.json").read_text(encoding="utf-8"))


def test_everything_says_that_it_is_simulated(demo: Path, report: Any) -> None:
    assert report["simulated"] is True
    for lang, words in (("en", "Simulated data"), ("zh", "模拟数据")):
        for form in ("html", "md"):
            assert words in (demo / f"report.{lang}.{form}").read_text(encoding="utf-8")
    assert {claim["answer"] for claim in report["claims"]} == {"can't tell"}
    titles = [outage["title"] for outage in report["outages"] if outage["confirmed"]]
    assert titles
    assert all(title.startswith("Simulated") for title in titles)


@pytest.mark.parametrize(
    "command", [("crawl",), ("import", "posts", __file__), ("outages", "sync")]
)
def test_a_simulated_store_never_takes_in_anything_real(demo: Path, command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "shrug", *command, "--database", str(demo / "demo.sqlite3")],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "this store holds a simulation" in done.stderr


def test_nearly_all_intervals_cover_the_true_ratio(report: Any) -> None:
    compared = [o for o in report["outages"] if o["combined"]]
    assert len(compared) >= 12
    covers_truth = [
        o["combined"]["ratio"]["low"] <= o["true_ratio"] <= o["combined"]["ratio"]["high"]
        for o in compared
    ]
    assert sum(covers_truth) >= len(covers_truth) - 1


def test_verdicts_follow_from_the_true_ratios(report: Any) -> None:
    verdicts = {o["provider"]: o for o in report["outages"] if o["confirmed"]}
    assert verdicts["yuanshen"]["verdict"] == "noticed"
    assert verdicts["chatgpt"]["verdict"] == "noticed"
    assert verdicts["deepseek"]["verdict"] == "shrugged"
    assert verdicts["kimi"]["verdict"] == "can't tell"
    assert verdicts["qwen"]["reason"] == "not_covered"
    assert verdicts["yuanshen"]["shrug_index"]["estimate"] == 0
    assert verdicts["yuanshen"]["boards"][0]["best_rank"] == 1
    assert verdicts["deepseek"]["boards"][0]["upper_bound_heat"] > 0


def test_all_served_posts_are_stored_once(demo: Path, world: DemoWorld) -> None:
    gap = world.plan.gap
    served = {
        source: sum(p.source == source and not gap.start <= p.at < gap.end for p in world.posts)
        for source in ("hackernews", "mastodon")
    }
    with (
        open_ready_store(f"sqlite:///{demo / 'demo.sqlite3'}") as store,
        store.reading() as connection,
    ):
        assert metadata.simulated_ratios(connection) == world.plan.true_ratios
        stored = dict(
            tuple(row)
            for row in connection.execute(text("select source, count(*) from posts group by 1"))
        )
        assert {source: stored[source] for source in served} == served
        looks = connection.execute(text("select count(*) from board_snapshots")).scalar()
        assert looks == len(world.board_snapshots)
        hourly = sum(
            posts
            for source in stored
            for p in world.plan.providers
            for _, posts, _ in counts_hourly.read(
                connection, p.key, source, world.plan.span.start, world.plan.span.end
            )
        )
        subjects = connection.execute(text("select count(*) from mentions where role = 'subject'"))
        assert hourly == subjects.scalar()
        unscored = connection.execute(
            text("select count(*) from posts p left join scores s on s.post_id = p.id "
                 "where s.post_id is null and p.lang in ('en', 'zh')")
        )  # fmt: skip
        assert unscored.scalar() == 0
