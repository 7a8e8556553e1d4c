"""Imports and models of all commands, loaded once, before processes are forked.

Nothing of it starts a reactor or a thread.
"""

import sys
from contextlib import suppress

from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader
from scrapy.utils.misc import load_object

import shrug.cli.app
import shrug.crawl.runner
import shrug.label.sentiment
import shrug.measure.measurement  # noqa: F401
from analysis.text.language import detect
from shrug.label.matcher import matcher

KINDS = ("DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "EXTENSIONS", "DOWNLOAD_HANDLERS")
NAMES = ("SCHEDULER", "STATS_CLASS", "LOG_FORMATTER", "DNS_RESOLVER", "DUPEFILTER_CLASS")


def _scrapy() -> None:
    """Load what Scrapy would load at the start of a crawl."""
    settings = Settings()
    settings.setmodule("crawler.settings")
    SpiderLoader.from_settings(settings)
    parts = [part for kind in KINDS for part in settings.getdict(f"{kind}_BASE")]
    parts += [*settings.getdict("DOWNLOAD_HANDLERS_BASE").values()]
    parts += [str(settings[name]) for name in NAMES]
    parts += [*settings.getdict("DOWNLOADER_MIDDLEWARES"), "scrapy.squeues.PickleLifoDiskQueue"]
    for part in parts:
        with suppress(Exception):
            load_object(part)


_scrapy()
matcher().find("DeepSeek is down")
detect("DeepSeek is down, 深度求索崩了")
if "twisted.internet.reactor" in sys.modules:
    raise ImportError("a reactor can't be shared by processes")
