"""A flood of near-copies, or of one account, is nobody's attention; as many voices are."""

import json
import random
from datetime import UTC, datetime, timedelta

import pytest

from db.core.engine import Store
from db.core.records import Covered, NewMention, NewOutage, NewPost, Page, Span
from db.crawl import outages
from db.posts import storage
from tests.conftest import Run

START = datetime(2026, 3, 2, tzinfo=UTC)
DAYS = 30
OUTAGE = START + timedelta(days=DAYS - 1, hours=12)


def post(number: int, at: datetime, fingerprint: int, author: str = "") -> NewPost:
    return NewPost(
        external_id=str(number), created_at=at, text=f"DeepSeek {fingerprint}", lang="en",
        fingerprint=fingerprint, author=author or f"a{number}",
        mentions=(NewMention("deepseek", "subject"),),
    )  # fmt: skip


def filled(store: Store, flood: list[NewPost]) -> None:
    rng = random.Random(0)
    hours = [START + timedelta(hours=h) for h in range(DAYS * 24)]
    times = [h + timedelta(seconds=rng.randrange(3600)) for h in hours for _ in range(5)]
    quiet = [post(i, at, i) for i, at in enumerate(times)]
    covered = (Covered(Span(START, START + timedelta(days=DAYS))),)
    outage = NewOutage("deepseek", OUTAGE, OUTAGE + timedelta(hours=1), "outage", "", "file", "x")
    with store.writing() as connection:
        page = Page("hackernews", "DeepSeek", cursor="c", covered=covered)
        storage.store_page(connection, page, [*quiet, *flood])
        outages.add(connection, [outage])


@pytest.mark.parametrize("flood", ["copies", "one account", None])
def test_a_flood_is_no_attention(run: Run, store: Store, flood: str | None) -> None:
    at = [OUTAGE + timedelta(seconds=10 * i) for i in range(300)]
    author = "bot" if flood == "one account" else ""
    copied = flood == "copies"
    many = [post(n, t, 7 if copied else n, author) for n, t in enumerate(at, start=10_000)]
    filled(store, many)
    code, out, _ = run("measure", "--json")
    assert code == 0
    found = json.loads(out)["outages"][0]
    channel = found["channels"][0]
    assert found["verdict"] == ("can't tell" if flood else "noticed")
    assert channel["observed"] > 300
    assert (channel["voices"] < 60) is bool(flood)
    assert (channel["reason"] == "flood") is bool(flood)


def test_a_burst_suggests_an_outage_that_judges_nothing_until_confirmed(
    run: Run, store: Store
) -> None:
    at = [OUTAGE + timedelta(days=-5, seconds=10 * i) for i in range(300)]
    filled(store, [post(10_000 + i, t, 10_000 + i) for i, t in enumerate(at)])
    for _ in range(2):
        code, out, _ = run("outages", "suggest")
        assert code == 0
        assert out.startswith("1 outages suggested")
    with store.reading() as connection:
        known = outages.read(connection)
    suggested = [o for o in known if o.origin == "burst"]
    assert [(o.start, o.confirmed) for o in suggested] == [(OUTAGE - timedelta(days=5), False)]
    found = json.loads(run("measure", "--json")[1])["outages"]
    reasons = {o["origin"]: o["reason"] for o in found}
    assert reasons["burst"] == "found_in_posts"
    assert "outage?" in run("outages", "list")[1]
    run("outages", "confirm", suggested[0].id)
    assert "outage?" not in run("outages", "list")[1]
    run("outages", "suggest")
    found = json.loads(run("measure", "--json")[1])["outages"]
    assert {o["origin"]: o["verdict"] for o in found}["burst"] == "noticed"
