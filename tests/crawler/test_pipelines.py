"""The pipeline stores items in the order in which they came."""

import asyncio
import inspect
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

from crawler.items import SpiderItem, SpiderJob, Trouble, TroubleKind
from crawler.pipelines import StorePipeline
from crawler.spiders.hackernews import HackerNews
from db.core.records import Page


class SlowSink:
    """Prepares pages in futures that the test completes."""

    def __init__(self) -> None:
        self.preparations: dict[str, Future[str]] = {}
        self.stored: list[tuple[str, str | None]] = []

    def prepare_item(self, item: SpiderItem) -> Future[Any] | None:
        if not isinstance(item, Page):
            return None
        self.preparations[item.query] = Future()
        return self.preparations[item.query]

    def store_item(self, item: SpiderItem, preparation: Future[Any] | None = None) -> None:
        assert isinstance(item, Page | Trouble)
        self.stored.append((item.query, preparation.result() if preparation else None))


async def run_ready_tasks() -> None:
    """Let all tasks run that are ready, and those that they make ready."""
    for _ in range(100):
        await asyncio.sleep(0)


def test_items_are_stored_in_their_order_whichever_is_prepared_first() -> None:
    sink = SlowSink()
    spider = HackerNews(SpiderJob((), sink), "http://127.0.0.1")
    trouble = Trouble("forum", "why", TroubleKind.CAPPED, "", "")

    async def process_all() -> None:
        pipeline = StorePipeline(SimpleNamespace(spider=spider))  # type: ignore[arg-type]
        items: list[SpiderItem] = [
            Page("forum", "a"),
            trouble,
            Page("forum", "b"),
            Page("forum", "c"),
        ]
        waiting = [pipeline.process_item(item) for item in items]
        assert all(map(inspect.isawaitable, waiting))
        tasks = [asyncio.ensure_future(item) for item in waiting if inspect.isawaitable(item)]
        await run_ready_tasks()
        for name in ("c", "b"):
            sink.preparations[name].set_result(name.upper())
            await run_ready_tasks()
            assert sink.stored == []
        sink.preparations["a"].set_result("A")
        await asyncio.gather(*tasks)

        # An item is stored at once if none before it waits.
        assert pipeline.process_item(trouble) is trouble

    asyncio.run(process_all())
    assert sink.stored == [("a", "A"), ("why", None), ("b", "B"), ("c", "C"), ("why", None)]
