"""Small simulated worlds, cut from the bundled one."""

from dataclasses import replace
from datetime import timedelta

from db.core.records import Span
from shrug.demo import plan
from shrug.demo.world import DemoWorld, make_world

PROVIDERS = ("chatgpt", "deepseek")


def small_world(days: int, busier: int = 1) -> DemoWorld:
    """Return the first days of the bundled world, of two providers and without outages.

    busier: factor of its number of posts.
    """
    whole = plan.read_plan()
    providers = tuple(p for p in whole.providers if p.key in PROVIDERS)
    busy = tuple(
        replace(p, rates={s: {k: busier * v for k, v in r.items()} for s, r in p.rates.items()})
        for p in providers
    )
    span = Span(whole.span.start, whole.span.start + timedelta(days=days))
    return make_world(replace(whole, span=span, providers=busy, outages=()))
