"""The bundled catalogue is complete and consistent."""

from collections import Counter
from datetime import timedelta

import pytest

from crawler.jetstream import STREAMS
from crawler.settings import SPIDER_MODULES
from db import catalog
from db.core.errors import BadInput


def test_there_are_enough_providers_of_each_kind() -> None:
    kinds = Counter(p.kind for p in catalog.providers().values())
    assert kinds["ai"] >= 25
    assert sum(kinds.values()) - kinds["ai"] >= 20
    assert set(kinds) == {"ai", "game", "cloud", "app"}


def test_alternatives_are_providers() -> None:
    known = catalog.providers()
    for provider in known.values():
        assert provider.alternatives
        assert set(provider.alternatives) <= set(known) - {provider.key}


def test_no_name_belongs_to_two_providers() -> None:
    names = Counter(text.casefold() for p in catalog.providers().values() for text, _ in p.aliases)
    assert [name for name, number in names.items() if number > 1] == []


@pytest.mark.parametrize(
    ("name", "key"),
    [("DeepSeek", "deepseek"), ("深度求索", "deepseek"), ("王者荣耀", "wangzhe"), ("KIMI", "kimi")],
)
def test_a_provider_goes_by_any_of_its_names(name: str, key: str) -> None:
    assert catalog.provider_key(name) == key


def test_an_unknown_name_is_bad_input() -> None:
    with pytest.raises(BadInput, match="no provider goes by 'nobody'"):
        catalog.provider_key("nobody")


def test_the_ledger_says_where_every_time_was_read() -> None:
    ledger = catalog.ledger()
    assert len(ledger) >= 40
    assert len({o.external_id for o in ledger}) == len(ledger)
    assert {2020, 2026} <= {o.start.year for o in ledger}
    for outage in ledger:
        assert outage.provider in catalog.providers()
        assert outage.read_at
        assert outage.end is not None
        assert timedelta(0) < outage.end - outage.start < timedelta(days=5)
        assert outage.kind in {"outage", "degraded", "maintenance"}
        assert outage.rounded_minutes in {0, 5, 10, 15, 30, 60}


def test_the_articles_outage_has_the_articles_times() -> None:
    outage = next(o for o in catalog.ledger() if o.external_id == "deepseek-2025-08-11")
    assert outage.start.isoformat() == "2025-08-11T21:50:00+08:00"
    assert outage.end is not None
    assert outage.end.isoformat() == "2025-08-11T23:39:00+08:00"


def test_every_source_has_a_spider() -> None:
    from scrapy.settings import Settings
    from scrapy.spiderloader import SpiderLoader

    loader = SpiderLoader.from_settings(Settings({"SPIDER_MODULES": SPIDER_MODULES}))
    assert {s.spider for s in catalog.sources().values()} == {*loader.list(), *STREAMS}
