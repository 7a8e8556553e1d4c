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


PostReader = Callable[[bytes], Read[RawPost]]


def posts_of(read: Callable[[bytes], Read[tuple[str, RawPost]]]) -> PostReader:
    def posts(body: bytes) -> Read[RawPost]:
        result = read(body)
        return Read(tuple(post for _, post in result.entries), result.refused)

    return posts


READERS: dict[str, PostReader] = {
    "bluesky": bluesky.read_posts,
    "feed": feed.read_posts,
    "gdelt": gdelt.read_posts,
    "github": github.read_posts,
    "hackernews": hackernews.read_posts,
    "lemmy": lemmy.read_posts,
    "mastodon": posts_of(mastodon.read_posts),
    "netease": netease.read_posts,
    "reddit_comments": posts_of(arctic_shift.read_posts),
    "reddit_posts": posts_of(arctic_shift.read_posts),
    "sov2ex": sov2ex.read_posts,
    "stackexchange": stackexchange.read_posts,
    "telegram": telegram.read_posts,
    "v2ex": v2ex.read_posts,
    "weibo_mobile": weibo.read_mobile,
    "weibo_search": lambda body: weibo.read_search(body, NOW),
}

# A source whose module has its name and a `read_posts` need not be listed.
for _key, _entry in catalog.sources().items():
    if _entry.gives == "posts" and _key not in READERS and (ANSWERS / _key).is_dir():
        READERS[_key] = import_module(f"crawler.spiders.{_key}").read_posts

VOLUMES: dict[str, Callable[[bytes], Read[NewVolume]]] = {
    "gdelt_volume": volumes.read_timeline,
    "wikipedia": volumes.read_pageviews,
}

BOARDS: dict[str, Callable[[bytes, str, datetime], Snapshot]] = {
    "bilibili_popular": boards.read_popular,
    "bilibili_words": boards.read_hot_words,
    "dailyhot": boards.read_dailyhot,
    "newsnow": boards.read_newsnow,
    "rsshub": boards.read_rsshub,
    "tieba_board": boards.read_tieba,
    "weibo_board": weibo_board.read_ajax,
    "weibo_summary": weibo_board.read_summary,
}
