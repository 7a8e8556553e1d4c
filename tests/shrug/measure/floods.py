"""A store with a month of quiet posts, one outage, and a flood of posts."""

import random
from datetime import UTC, datetime, timedelta

from db.core.engine import Store
from db.core.records import CoveredSpan, NewMention, NewOutage, NewPost, Page, Span
from db.crawl import outages
from db.posts import storage

START = datetime(2026, 3, 2, tzinfo=UTC)
DAYS = 30
OUTAGE = START + timedelta(days=DAYS - 1, hours=12)


def make_post(number: int, at: datetime, fingerprint: int, author: str = "") -> NewPost:
    return NewPost(
        external_id=str(number), created_at=at, text=f"DeepSeek {fingerprint}", lang="en",
        fingerprint=fingerprint, author=author or f"a{number}",
        mentions=(NewMention("deepseek", "subject"),),
    )  # fmt: skip


def fill_with_flood(store: Store, flood: list[NewPost]) -> None:
    rng = random.Random(0)
    hours = [START + timedelta(hours=h) for h in range(DAYS * 24)]
    times = [h + timedelta(seconds=rng.randrange(3600)) for h in hours for _ in range(5)]
    quiet = [make_post(i, at, i) for i, at in enumerate(times)]
    covered = (CoveredSpan(Span(START, START + timedelta(days=DAYS))),)
    outage = NewOutage("deepseek", OUTAGE, OUTAGE + timedelta(hours=1), "outage", "", "file", "x")
    with store.writing() as connection:
        page = Page("hackernews", "DeepSeek", cursor="c", covered=covered)
        storage.store_page(connection, page, [*quiet, *flood])
        outages.add(connection, [outage])
