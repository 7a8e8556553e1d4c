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
    result = shrug.counts(url)
    return int(result[result["provider"] == "kimi"]["posts"].sum())


def test_a_new_name_is_found_in_stored_posts(
    full: Run, store: Store, url: str, rename: Rename
) -> None:
    assert "today's catalogue" in full("rematch")[1]
    rename("kimi", (*names("kimi"), ("attempt", False)))
    code, out, _ = full("rematch")
    assert code == 0
    assert "Changed names: 1." in out
    assert "mentions updated: 200" in out
    # Every one of them says that DeepSeek is down: Kimi is not what they are about.
    rows = [json.loads(line) for line in full("export", "speech")[1].splitlines()]
    assert {r["role"]: r["posts"] for r in rows if r["provider"] == "kimi"}.keys() == {
        "alternative"
    }
    with store.reading() as connection:
        assert [c for result in hourly.differences(connection) for c in result] == []
        assert languages.differences(connection) == 0
    assert "today's catalogue" in full("rematch")[1]


def test_a_removed_name_is_no_longer_counted(full: Run, url: str, rename: Rename) -> None:
    before = names("kimi")
    rename("kimi", (*before, ("tried", False)))
    full("rematch")
    assert kimi(url) > 2000
    rename("kimi", before)
    full("rematch")
    assert kimi(url) == 0


def test_an_interrupted_rematch_resumes_where_it_stopped(
    full: Run, store: Store, rename: Rename, monkeypatch: pytest.MonkeyPatch
) -> None:
    full("rematch")
    rename("kimi", (*names("kimi"), ("tried", False)))
    monkeypatch.setattr(rematch, "POSTS_PER_BATCH", 500)
    whole, seen = storage.change_mentions, []

    def fails(*arguments: object) -> int:
        seen.append(1)
        if len(seen) == 3:
            raise ShrugError("the third batch fails")
        return whole(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(storage, "change_mentions", fails)
    with pytest.raises(ShrugError):
        rematch.rematch_posts(store)
    result = rematch.rematch_posts(store)
    with store.reading() as connection:
        total = queries.count_posts(connection, "forum", EARLIEST, LATEST)
    assert result.examined == total - 2 * 500
    with store.reading() as connection:
        assert [c for cells in hourly.differences(connection) for c in cells] == []


def test_changed_words_around_names_are_matched_as_well(
    full: Run, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    full("rematch")
    known = catalog.failure_words()
    changed = {**known, "failure": tuple(w for w in known["failure"] if "down" not in w)}
    monkeypatch.setattr(catalog, "failure_words", lambda: changed)
    matcher.cache_clear()
    try:
        result = rematch.rematch_posts(store)
    finally:
        monkeypatch.undo()
        matcher.cache_clear()
    assert result.words
    assert result.examined > 3000
