"""Board snapshots and first sightings from JSONL."""

from datetime import UTC, datetime
from pathlib import Path

from db.core.engine import Store
from db.crawl import boards, outages
from shrug.imports.boards import import_board
from tests.conftest import Run
from tests.shrug.imports.files import written_lines

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
SNAPSHOT = {
    "seen_at": "2026-03-01T12:00:00Z",
    "board": "weibo",
    "entries": [
        {"rank": 1, "title": "DeepSeek崩了", "heat": 900, "ad": False},
        {"rank": 2, "title": "广告", "heat": 800, "ad": True},
        {"rank": 3, "title": "别的", "heat": 700, "ad": False},
        {"rank": 4, "title": "置顶", "heat": None, "ad": False},
    ],
}


def test_a_snapshot_is_kept_once_and_knows_its_floor(
    tmp_path: Path, store: Store, run: Run
) -> None:
    path = written_lines(
        tmp_path, SNAPSHOT, {**SNAPSHOT, "entries": []}, {"seen_at": "soon"}, SNAPSHOT
    )
    code, out, err = run("import", "board", path)
    assert code == 1
    assert "4 lines read, 1 new, 2 refused" in out
    assert "1 outages suggested" in out
    assert f"{path}:2: entries must be a list" in err
    with store.reading() as connection:
        assert boards.size(connection, "weibo") == (1, 4)
        assert boards.floor_heats(connection, "weibo", T0, T0.replace(hour=13)) == [(T0, 700)]
        (seen,) = boards.sightings(connection, "weibo", ["DeepSeek崩了", "广告", "置顶"])
        (suggested,) = outages.read(connection)
    assert (seen.rank, seen.heat) == (1, 900)
    assert (suggested.origin, suggested.confirmed) == ("board", False)
    assert "0 new" in run("import", "board", written_lines(tmp_path, SNAPSHOT))[1]


def test_first_sightings_are_kept_apart_from_snapshots(tmp_path: Path, store: Store) -> None:
    lines = [
        {"seen_at": "2026-03-01T12:00:00Z", "title": "Kimi崩了", "rank": 7},
        {"seen_at": "2026-03-01T12:00:00Z", "title": "Kimi崩了", "rank": 7},
        {"seen_at": "2026-03-02T12:00:00Z", "title": "Kimi崩了", "rank": None},
    ]
    result = import_board(store, [written_lines(tmp_path, *lines)], lambda _: None)
    assert (result.read, result.new, result.bad) == (3, 2, 0)
    with store.reading() as connection:
        assert [f.rank for f in boards.first_sightings(connection, "weibo", ["Kimi崩了"])] == [
            7,
            None,
        ]
        assert boards.size(connection, "weibo") == (0, 0)
