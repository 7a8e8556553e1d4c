"""Each source's reader, by the folder under tests/answers that holds its answers."""

from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module

from crawler.parsing import Read
from crawler.spiders import (
    arctic_shift,
    bluesky,
    boards,
    feed,
    gdelt,
    github,
    hackernews,
    lemmy,
    mastodon,
    netease,
    sov2ex,
    stackexchange,
    telegram,
    v2ex,
    volumes,
    weibo,
    weibo_board,
)
from db import catalog
from db.core.records import NewVolume, RawPost, Snapshot
from tests.paths import ANSWERS

NOW = datetime(2025, 8, 11, 16, 0, tzinfo=UTC)


Reader = Callable[[bytes], Read[RawPost]]


def posts_of(read: Callable[[bytes], Read[tuple[str, RawPost]]]) -> Reader:
    def posts(body: bytes) -> Read[RawPost]:
        found = read(body)
        return Read(tuple(post for _, post in found.entries), found.refused)

    return posts


READERS: dict[str, Reader] = {
    "bluesky": bluesky.read,
    "feed": feed.read,
    "gdelt": gdelt.read,
    "github": github.read,
    "hackernews": hackernews.read,
    "lemmy": lemmy.read,
    "mastodon": posts_of(mastodon.read),
    "netease": netease.read,
    "reddit_comments": posts_of(arctic_shift.read),
    "reddit_posts": posts_of(arctic_shift.read),
    "sov2ex": sov2ex.read,
    "stackexchange": stackexchange.read,
    "telegram": telegram.read,
    "v2ex": v2ex.read,
    "weibo_mobile": weibo.read_mobile,
    "weibo_search": lambda body: weibo.read_search(body, NOW),
}

# A source whose module has its name and a `read` for posts is found without being listed.
for _key, _entry in catalog.sources().items():
    if _entry.gives == "posts" and _key not in READERS and (ANSWERS / _key).is_dir():
        READERS[_key] = import_module(f"crawler.spiders.{_key}").read

VOLUMES: dict[str, Callable[[bytes], Read[NewVolume]]] = {
    "gdelt_volume": volumes.read_timeline,
    "wikipedia": volumes.read_pageviews,
}

BOARDS: dict[str, Callable[[bytes, str, datetime], Snapshot]] = {
    "bilibili_popular": boards.read_popular,
    "bilibili_words": boards.read_words,
    "dailyhot": boards.read_dailyhot,
    "newsnow": boards.read_newsnow,
    "rsshub": boards.read_rsshub,
    "tieba_board": boards.read_tieba,
    "weibo_board": weibo_board.read,
    "weibo_summary": weibo_board.read_summary,
}
