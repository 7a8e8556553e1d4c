"""Items are kept in the order in which they came."""

import asyncio
import inspect
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

from crawler.items import Item, Job, Kind, Trouble
from crawler.pipelines import Keep
from crawler.spiders.hackernews import HackerNews
from db.core.records import Page


class Slow:
    """Begins pages, and is told from outside which of them is done."""

    def __init__(self) -> None:
        self.begun: dict[str, Future[str]] = {}
        self.kept: list[tuple[str, str | None]] = []

    def begin_item(self, item: Item) -> Future[Any] | None:
        if not isinstance(item, Page):
            return None
        self.begun[item.query] = Future()
        return self.begun[item.query]

    def keep(self, item: Item, begun: Future[Any] | None = None) -> None:
        assert isinstance(item, Page | Trouble)
        self.kept.append((item.query, begun.result() if begun else None))


async def turns() -> None:
    """Let whatever is ready run, and what that makes ready."""
    for _ in range(100):
        await asyncio.sleep(0)


def test_items_are_kept_in_their_order_whichever_is_ready_first() -> None:
    keeper = Slow()
    spider = HackerNews(Job((), keeper), "http://127.0.0.1")
    trouble = Trouble("forum", "why", Kind.CAPPED, "", "")

    async def all_of_it() -> None:
        keep = Keep(SimpleNamespace(spider=spider))  # type: ignore[arg-type]
        items: list[Item] = [Page("forum", "a"), trouble, Page("forum", "b"), Page("forum", "c")]
        waiting = [keep.process_item(item) for item in items]
        assert all(map(inspect.isawaitable, waiting))
        tasks = [asyncio.ensure_future(one) for one in waiting if inspect.isawaitable(one)]
        await turns()
        for name in ("c", "b"):
            keeper.begun[name].set_result(name.upper())
            await turns()
            assert keeper.kept == []
        keeper.begun["a"].set_result("A")
        await asyncio.gather(*tasks)

        # Where nobody waits any more, nothing does.
        assert keep.process_item(trouble) is trouble

    asyncio.run(all_of_it())
    assert keeper.kept == [("a", "A"), ("why", None), ("b", "B"), ("c", "C"), ("why", None)]
