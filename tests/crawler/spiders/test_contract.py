"""Each source's reader on written answers in the documented form, without Scrapy."""

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.parsing import Read
from crawler.spiders import hackernews, mastodon, weibo_board
from crawler.spiders.statuspage import outage
from crawler.status.incident import Incident
from crawler.status.platforms import GUESSED, PLATFORMS
from db.core.errors import SourceChanged
from db.core.records import NewOutage, NewVolume, RawPost, SnapshotEntry
from tests.crawler.readers import BOARDS, NOW, READERS, VOLUMES
from tests.paths import ANSWERS

# Every source has, beside its normal answers, one with nothing in it and one that is none.
OTHERS = {"empty", "broken"}


def as_expected(item: RawPost | NewOutage, form: dict[str, Any]) -> dict[str, Any]:
    """The fields of a post that are set, or those of an outage that `form` names."""
    fields = {k: v.isoformat() if isinstance(v, datetime) else v for k, v in asdict(item).items()}
    if isinstance(item, RawPost):
        return {k: v for k, v in fields.items() if v is not None}
    return {k: v for k, v in fields.items() if k in form}


def cases(*sources: str) -> list[Any]:
    files = [f for s in sources for f in sorted((ANSWERS / s).iterdir())]
    files = [f for f in files if "expected" not in f.name and f.stem not in OTHERS]
    return [pytest.param(f, id=f"{f.parent.name}/{f.stem}") for f in files]


def expected(answer: Path) -> dict[str, Any]:
    written = answer.parent / f"{answer.stem}.expected.json"
    loaded: dict[str, Any] = json.loads(written.read_text(encoding="utf-8"))
    return loaded


@pytest.mark.parametrize("answer", cases(*READERS))
def test_posts_are_read_and_a_bad_entry_is_refused(answer: Path) -> None:
    result = READERS[answer.parent.name](answer.read_bytes())
    wanted = expected(answer)
    assert [as_expected(post, {}) for post in result.entries] == wanted["posts"]
    assert len(result.refused) == wanted["refused"]
    for name in ("total", "next", "wait"):
        if name in wanted:
            assert getattr(result, name) == wanted[name]


def incidents(answer: Path) -> Read[Incident]:
    return PLATFORMS[answer.stem.partition("_")[0]].read(answer.read_bytes())


@pytest.mark.parametrize("answer", cases("status"))
def test_incidents_are_read_as_outages(answer: Path) -> None:
    result, wanted = incidents(answer), expected(answer)
    outages = [outage(i, "claude", "https://status.example") for i in result.entries]
    for o, form in zip(outages, wanted["outages"], strict=True):
        assert {**as_expected(o, form), "components": list(o.components)} == form
    assert len(result.refused) == wanted["refused"]


def test_no_platform_reads_the_form_of_another() -> None:
    """A page that moved is told by its form alone, so no reader may accept another's answer."""
    for name in GUESSED:
        for answer in sorted((ANSWERS / "status").iterdir()):
            if "expected" in answer.name or answer.stem.partition("_")[0] == name:
                continue
            with pytest.raises(SourceChanged):
                PLATFORMS[name].read(answer.read_bytes())


@pytest.mark.parametrize("answer", cases(*BOARDS))
def test_a_board_is_read(answer: Path) -> None:
    result = BOARDS[answer.parent.name](answer.read_bytes(), "board", NOW)
    wanted = expected(answer)
    assert [[e.title, e.rank, e.heat, e.ranked] for e in result.entries] == wanted["entries"]
    assert result.floor_heat == wanted["floor"]
    assert result.seen_at.isoformat() == wanted.get("seen_at", NOW.isoformat())


def other(source: str, kind: str) -> bytes:
    (answer,) = (ANSWERS / source).glob(f"{kind}.*")
    return answer.read_bytes()


# A page is one article: there is no empty one.
@pytest.mark.parametrize("source", sorted(set(READERS) - {"netease_article"}))
def test_an_empty_response_has_no_posts_and_a_broken_one_raises(source: str) -> None:
    result = READERS[source](other(source, "empty"))
    assert (result.entries, result.refused) == ((), ())
    with pytest.raises(SourceChanged, match=r"was due|were due|came"):
        READERS[source](other(source, "broken"))


@pytest.mark.parametrize("answer", cases(*VOLUMES))
def test_counts_are_read(answer: Path) -> None:
    result = VOLUMES[answer.parent.name](answer.read_bytes())
    wanted = expected(answer)
    slots = [[p.start.isoformat(), p.minutes, p.value, p.norm] for p in result.entries]
    assert (slots, len(result.refused)) == (wanted["slots"], wanted["refused"])


def test_a_page_without_an_article_raises() -> None:
    with pytest.raises(SourceChanged, match="it may be gone"):
        READERS["netease_article"](other("netease_article", "broken"))


@pytest.mark.parametrize("source", VOLUMES)
def test_an_empty_response_has_no_counts_and_a_broken_one_raises(source: str) -> None:
    assert VOLUMES[source](other(source, "empty")).entries == ()
    with pytest.raises(SourceChanged):
        VOLUMES[source](other(source, "broken"))


@pytest.mark.parametrize("source", BOARDS)
def test_an_empty_board_raises(source: str) -> None:
    for kind in OTHERS:
        with pytest.raises(SourceChanged):
            BOARDS[source](other(source, kind), "board", NOW)


HOSTILE = [
    b"",
    b"<html><body>Please log in</body></html>",
    b"null",
    b"[]",
    b"{}",
    b'{"hits": 5}',
    b'{"ok": -100}',
    b'{"incidents": {}}',
    b"[" * 100_000,
    b"\xff\xfe\x00",
    b'{"ok": 1, "data": {"realtime": []}}',
]


# An empty list or object means that nothing was found.
EMPTY = {"mastodon": b"[]", "v2ex": b"[]", "gdelt": b"{}"}


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_an_unknown_form_raises_and_is_never_read_as_empty(body: bytes) -> None:
    for source, read in READERS.items():
        if EMPTY.get(source) != body:
            with pytest.raises(SourceChanged):
                read(body)
    for board in BOARDS.values():
        with pytest.raises(SourceChanged):
            board(body, "board", NOW)
    for platform in PLATFORMS.values():
        if body != b"[]" or platform.name not in {"gcp", "aws"}:
            with pytest.raises(SourceChanged):
                platform.read(body)


@pytest.mark.parametrize("source", READERS)
def test_any_bytes_are_read_or_raise_source_changed(source: str) -> None:
    @given(st.binary(max_size=300))
    def read(body: bytes) -> None:
        with suppress(SourceChanged):
            READERS[source](body)

    read()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
FIELDS = [
    "objectID",
    "created_at_i",
    "created_at",
    "comment_text",
    "title",
    "id",
    "uri",
    "content",
    "account",
    "name",
    "status",
    "impact",
    "resolved_at",
    "word",
    "note",
    "num",
    "realpos",
]


@given(st.lists(st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=12), max_size=4))
def test_invalid_fields_cost_at_most_their_entry(rows: list[dict[str, Any]]) -> None:
    hackernews.read_posts(json.dumps({"hits": rows, "nbHits": len(rows)}).encode())
    mastodon.read_posts(json.dumps(rows).encode())
    incident = {"impact": "major"}
    PLATFORMS["statuspage"].read(json.dumps({"incidents": [*rows, incident]}).encode())
    try:
        weibo_board.read_ajax(json.dumps({"ok": 1, "data": {"realtime": rows}}).encode(), "b", NOW)
    except SourceChanged:
        assert not any(isinstance(row.get("word"), str) and row["word"] for row in rows)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where a JSON value has values in it, itself included."""
    pairs: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = list(enumerate(value))
    return [path, *(p for key, part in pairs for p in paths(part, (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    if not path:
        return by
    copy = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], by)
    return copy


JSON_ANSWERS = [
    case
    for case in cases(*READERS, *BOARDS, *VOLUMES, "status")
    if case.values[0].suffix == ".json"
]


def entries_of(source: str, body: bytes) -> Iterable[Any]:
    """What a source's reader finds, whatever the source gives."""
    if source in BOARDS:
        return BOARDS[source](body, "board", NOW).entries
    if source in VOLUMES:
        return VOLUMES[source](body).entries
    platform = PLATFORMS.get(source)
    return platform.read(body).entries if platform else READERS[source](body).entries


@pytest.mark.parametrize("answer", JSON_ANSWERS)
def test_any_value_anywhere_costs_its_entry_or_raises_source_changed(answer: Path) -> None:
    encoding = "utf-16" if answer.stem == "aws" else "utf-8"
    whole = json.loads(answer.read_bytes().decode(encoding))
    status = answer.parent.name == "status"
    source = answer.stem.partition("_")[0] if status else answer.parent.name

    @settings(max_examples=150)
    @given(st.sampled_from(paths(whole)), json_values)
    def read(path: tuple[Any, ...], by: Any) -> None:
        body = json.dumps(replaced(whole, path, by)).encode()
        with suppress(SourceChanged):
            for entry in entries_of(source, body):
                if isinstance(entry, Incident):
                    assert outage(entry, "claude", "page").start.tzinfo
                elif isinstance(entry, NewVolume):
                    assert entry.start.tzinfo
                    assert entry.minutes > 0
                elif isinstance(entry, SnapshotEntry):
                    assert isinstance(entry.title, str)
                    assert entry.title
                else:
                    assert entry.created_at.tzinfo
                    assert isinstance(entry.external_id, str)
                    assert isinstance(entry.text, str)

    read()
