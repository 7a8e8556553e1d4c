"""The simulated sources answer page by page, each post once."""

import json
from datetime import timedelta

import pytest

from db import catalog
from shrug.demo.plan import read_plan
from shrug.demo.responses import SimulatedResponses
from shrug.demo.world import DemoWorld, make_world


@pytest.fixture(scope="module")
def world() -> DemoWorld:
    return make_world(read_plan())


def test_the_same_plan_makes_the_same_world_in_order_of_time(world: DemoWorld) -> None:
    assert make_world(read_plan()) == world
    times = [post.at for post in world.posts]
    assert times == sorted(times)
    gap = world.plan.board_gap
    assert not any(gap.start <= each.seen_at < gap.end for each in world.board_snapshots)


def test_pages_of_mastodon_contain_each_post_once(world: DemoWorld) -> None:
    responses, seen = SimulatedResponses(world), set[str]()
    tag, newest = catalog.providers()["deepseek"].tag, "0"
    while page := json.loads(responses.mastodon(tag, {"min_id": newest, "limit": "40"})):
        ids = [status["id"] for status in page]
        assert seen.isdisjoint(ids)
        seen.update(ids)
        newest = ids[0]
    written = [p for p in world.posts if (p.source, p.provider) == ("mastodon", "deepseek")]
    assert len(seen) == len(written) > 40


def test_a_window_of_hacker_news_is_counted_and_capped(world: DemoWorld) -> None:
    start = int(world.plan.span.start.timestamp())
    end = int((world.plan.span.start + timedelta(days=7)).timestamp())
    query = {
        "query": catalog.providers()["chatgpt"].search,
        "numericFilters": f"created_at_i>={start},created_at_i<{end}",
        "hitsPerPage": "10",
    }
    answer = json.loads(SimulatedResponses(world).hackernews(query))
    times = [hit["created_at_i"] for hit in answer["hits"]]
    assert len(times) == 10 < answer["nbHits"]
    assert times == sorted(times, reverse=True)
    assert all(start <= at < end for at in times)


def test_a_status_page_separates_incidents_from_maintenances(world: DemoWorld) -> None:
    responses = SimulatedResponses(world)
    for key in {outage.provider for outage in world.plan.outages}:
        planned = {o.title: o.planned for o in world.plan.outages if o.provider == key}
        incidents = json.loads(responses.incidents(key))["incidents"]
        maintenances = json.loads(responses.maintenances(key))["scheduled_maintenances"]
        assert {i["name"] for i in incidents} == {t for t, p in planned.items() if not p}
        assert {m["name"] for m in maintenances} == {t for t, p in planned.items() if p}
