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
from shrug.demo.world import World, make
from shrug.label.matcher import matcher
from shrug.store.bootstrap import opened


@pytest.fixture(scope="module")
def world() -> World:
    return make(plan.plan())


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


def test_every_simulated_post_names_its_provider_as_the_subject(world: World) -> None:
    for post in world.posts:
        found = {m.provider: m.role for m in matcher().find(post.text)}
        assert found.pop(post.provider) == "subject", post.text
        assert set(found.values()) <= {"alternative"}, post.text


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


def test_estimates_stand_beside_the_truth_and_nearly_all_intervals_hold_it(report: Any) -> None:
    compared = [o for o in report["outages"] if o["combined"]]
    assert len(compared) >= 12
    held = [
        o["combined"]["ratio"]["low"] <= o["true_ratio"] <= o["combined"]["ratio"]["high"]
        for o in compared
    ]
    assert sum(held) >= len(held) - 1


def test_the_verdicts_are_what_the_world_was_made_for(report: Any) -> None:
    verdicts = {o["provider"]: o for o in report["outages"] if o["confirmed"]}
    assert verdicts["yuanshen"]["verdict"] == "noticed"
    assert verdicts["chatgpt"]["verdict"] == "noticed"
    assert verdicts["deepseek"]["verdict"] == "shrugged"
    assert verdicts["kimi"]["verdict"] == "can't tell"
    assert verdicts["qwen"]["reason"] == "not_covered"
    assert verdicts["yuanshen"]["shrug_index"]["estimate"] == 0
    assert verdicts["yuanshen"]["boards"][0]["best_rank"] == 1
    assert verdicts["deepseek"]["boards"][0]["upper_bound_heat"] > 0


def test_all_that_was_served_and_crawled_for_is_kept_once(demo: Path, world: World) -> None:
    gap = world.plan.gap
    served = {
        source: sum(p.source == source and not gap.start <= p.at < gap.end for p in world.posts)
        for source in ("hackernews", "mastodon")
    }
    with opened(f"sqlite:///{demo / 'demo.sqlite3'}") as store, store.reading() as connection:
        assert metadata.simulated(connection) == world.plan.truth
        kept = dict(
            tuple(row)
            for row in connection.execute(text("select source, count(*) from posts group by 1"))
        )
        assert {source: kept[source] for source in served} == served
        looks = connection.execute(text("select count(*) from board_snapshots")).scalar()
        assert looks == len(world.looks)
        hourly = sum(
            posts
            for source in kept
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
