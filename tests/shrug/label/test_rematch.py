"""A name that the catalogue gains or loses reaches the posts that hold it, and no others."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

import shrug
from db import catalog
from db.core.engine import Store
from db.core.errors import ShrugError
from db.counts import hourly, languages
from db.counts.cells import EARLIEST, LATEST
from db.posts import queries, storage
from shrug.label import rematch
from shrug.label.matcher import matcher
from tests.conftest import Run

Rename = Callable[[str, tuple[tuple[str, bool], ...]], None]


@pytest.fixture
def rename(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rename]:
    """Give a provider other names, as an edited catalogue does."""

    def renamed(key: str, names: tuple[tuple[str, bool], ...]) -> None:
        known = dict(catalog.providers())
        known[key] = replace(known[key], aliases=names)
        monkeypatch.setattr(catalog, "providers", lambda: known)
        matcher.cache_clear()

    yield renamed
    monkeypatch.undo()
    matcher.cache_clear()


def names(key: str) -> tuple[tuple[str, bool], ...]:
    return catalog.providers()[key].aliases


def kimi(url: str) -> int:
    found = shrug.counts(url)
    return int(found[found["provider"] == "kimi"]["posts"].sum())


def test_a_new_name_is_found_in_what_is_stored(
    full: Run, store: Store, url: str, rename: Rename
) -> None:
    assert "today's catalogue" in full("rematch")[1]
    rename("kimi", (*names("kimi"), ("attempt", False)))
    code, out, _ = full("rematch")
    assert code == 0
    assert "1 names differ" in out
    assert "200 mention something else" in out
    # Every one of them says that DeepSeek is down: Kimi is not what they are about.
    rows = [json.loads(line) for line in full("export", "speech")[1].splitlines()]
    assert {r["role"]: r["posts"] for r in rows if r["provider"] == "kimi"}.keys() == {
        "alternative"
    }
    with store.reading() as connection:
        assert [c for found in hourly.differences(connection) for c in found] == []
        assert languages.differences(connection) == 0
    assert "today's catalogue" in full("rematch")[1]


def test_a_name_that_is_gone_is_counted_no_more(full: Run, url: str, rename: Rename) -> None:
    before = names("kimi")
    rename("kimi", (*before, ("tried", False)))
    full("rematch")
    assert kimi(url) > 2000
    rename("kimi", before)
    full("rematch")
    assert kimi(url) == 0


def test_it_goes_on_where_it_was_cut_off(
    full: Run, store: Store, rename: Rename, monkeypatch: pytest.MonkeyPatch
) -> None:
    full("rematch")
    rename("kimi", (*names("kimi"), ("tried", False)))
    monkeypatch.setattr(rematch, "BATCH", 500)
    whole, seen = storage.rename, []

    def fails(*arguments: object) -> int:
        seen.append(1)
        if len(seen) == 3:
            raise ShrugError("the third batch fails")
        return whole(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(storage, "rename", fails)
    with pytest.raises(ShrugError):
        rematch.rematch(store)
    found = rematch.rematch(store)
    with store.reading() as connection:
        total = queries.total(connection, "forum", EARLIEST, LATEST)
    assert found.looked == total - 2 * 500
    with store.reading() as connection:
        assert [c for found_ in hourly.differences(connection) for c in found_] == []


def test_other_words_around_names_are_looked_for_as_well(
    full: Run, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    full("rematch")
    known = catalog.failure_words()
    changed = {**known, "failure": tuple(w for w in known["failure"] if "down" not in w)}
    monkeypatch.setattr(catalog, "failure_words", lambda: changed)
    matcher.cache_clear()
    try:
        found = rematch.rematch(store)
    finally:
        monkeypatch.undo()
        matcher.cache_clear()
    assert found.words
    assert found.looked > 3000
