"""Simulated sentences name their providers."""

import pytest

from shrug.demo import plan
from shrug.demo.world import DemoWorld, make_world
from shrug.label.matcher import matcher


@pytest.fixture(scope="module")
def world() -> DemoWorld:
    return make_world(plan.read_plan())


def test_every_simulated_post_names_its_provider_as_the_subject(world: DemoWorld) -> None:
    for post in world.posts:
        roles = {m.provider: m.role for m in matcher().find(post.text)}
        assert roles.pop(post.provider) == "subject", post.text
        assert set(roles.values()) <= {"alternative"}, post.text
