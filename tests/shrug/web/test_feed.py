"""The Atom feed of verdicts."""

import feedparser
import pytest

from tests.shrug.web.conftest import PageClient


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_feed_lists_verdicts(page: PageClient, lang: str) -> None:
    feed = feedparser.parse(page.get(f"/feed.atom?lang={lang}").body)
    assert not feed.bozo
    assert feed.version == "atom10"
    names = {"en": "DeepSeek: noticed", "zh": "DeepSeek：引起注意"}
    assert names[lang] in [entry.title for entry in feed.entries]
    assert len({entry.id for entry in feed.entries}) == len(feed.entries) == 3
    assert all(entry.link.startswith(page.base) for entry in feed.entries)
    again = feedparser.parse(page.get(f"/feed.atom?lang={lang}").body)
    assert [e.id for e in again.entries] == [e.id for e in feed.entries]
