"""Figures that must hold on the real archive of Weibo's board, and on no other ground."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from db.crawl import boards
from docs import article
from shrug.cli import main
from shrug.store.bootstrap import open_ready_store
from tests.paths import ROOT
from tests.processes import run

pytestmark = pytest.mark.real_data

BEIJING = timedelta(hours=8)
SNAPSHOT_FILES = ("2024.jsonl.gz", "2025.jsonl.gz", "2026.jsonl.gz")
MINUTES, GIGABYTE = 2, 1_024_000_000


def shrug(*arguments: object) -> None:
    with pytest.raises(SystemExit) as ended:
        main([str(a) for a in arguments])
    assert ended.value.code in {0, None}


@pytest.fixture(scope="module")
def archive(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('archive') / 'real.sqlite3'}"
    shrug("outages", "sync", "--database", url)
    files = [real_data / "weibo-board" / name for name in SNAPSHOT_FILES]
    # In a process of its own: the bound on memory is the import's, not that of all tests.
    ended = run("import", "board", *files, "--database", url)
    assert ended.code == 0, ended.output
    assert ended.cpu_seconds < MINUTES * 60
    assert ended.peak_bytes < GIGABYTE
    firsts = real_data / "weibo-board" / "first-seen-2020-2026.jsonl.gz"
    shrug("import", "board", firsts, "--database", url)
    return url


@pytest.fixture(scope="module")
def report(archive: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("report")
    span = ("--from", "2024-05-20", "--to", "2026-03-16", "--zone", "Asia/Shanghai")
    shrug("report", *span, "--out", folder, "--database", archive)
    assert {p.suffix for p in folder.iterdir() if p.is_file()} == {".html", ".md", ".json"}
    return json.loads((folder / "report.json").read_text(encoding="utf-8"))


def beijing(text: str) -> str:
    return (datetime.fromisoformat(text).astimezone(UTC) + BEIJING).strftime("%Y-%m-%d %H:%M")


def event(report: Any, provider: str, day: str) -> Any:
    (match,) = [
        e
        for e in report["boards"][0]["events"]
        if e["provider"] == provider and beijing(e["first_seen"]).startswith(day)
    ]
    return match


def test_every_snapshot_and_entry_is_there(archive: str) -> None:
    with open_ready_store(archive) as store, store.reading() as connection:
        assert boards.size(connection, "weibo") == (14_346, 746_304)


def test_the_articles_outage(report: Any) -> None:
    event_figures = event(report, "deepseek", "2025-08-11")
    assert event_figures["article"] is True
    assert beijing(event_figures["first_seen"]) == "2025-08-11 21:50"
    assert beijing(event_figures["last_seen"]) == "2025-08-11 22:32"
    assert beijing(event_figures["absent_from"]) == "2025-08-11 23:32"
    assert (event_figures["snapshots"], event_figures["best_rank"], event_figures["peak_heat"]) == (
        2,
        23,
        262_345,
    )


def test_kimis_loudest(report: Any) -> None:
    event_figures = event(report, "kimi", "2024-12-14")
    assert (event_figures["snapshots"], event_figures["best_rank"], event_figures["peak_heat"]) == (
        13,
        2,
        1_436_244,
    )


def test_the_loudest_game(report: Any) -> None:
    event_figures = event(report, "wangzhe", "2025-03-28")
    assert (event_figures["best_rank"], event_figures["peak_heat"]) == (1, 17_912_557)
    title = next(t for t in event_figures["titles"] if t["title"] == "王者荣耀崩了")
    assert title["snapshots"] == 12


def test_its_gap_of_two_and_a_half_hours_is_no_time_on_the_board(archive: str, report: Any) -> None:
    with open_ready_store(archive) as store, store.reading() as connection:
        seen = boards.sightings(connection, "weibo", ["王者荣耀崩了"])
    times = sorted(s.seen_at for s in seen if beijing(s.seen_at.isoformat()) < "2025-03-30")
    times = [t for t in times if beijing(t.isoformat()) > "2025-03-28"]
    assert len(times) == 12
    gap = times[-1] - times[-2]
    assert timedelta(hours=2.4) < gap < timedelta(hours=2.7)
    whole = (times[-1] - times[0]) / timedelta(minutes=1)
    assert event(report, "wangzhe", "2025-03-28")["minutes"] < whole - 120


def test_titles_that_only_look_alike_are_no_events(report: Any) -> None:
    titles = {t["title"] for e in report["boards"][0]["events"] for t in e["titles"]}
    assert titles
    assert not any("美股" in t or "牙崩" in t or "崩坏" in t or "崩盘" in t for t in titles)


def test_events_found_on_the_board_never_judge_whether_outages_get_noticed(report: Any) -> None:
    suggested = [o for o in report["outages"] if o["origin"] == "board"]
    assert len(suggested) >= 100
    assert all(not o["confirmed"] and o["verdict"] == "can't tell" for o in suggested)
    assert all(not o["channels"] for o in suggested)


def test_the_articles_outage_is_ranked_on_the_real_board(report: Any) -> None:
    (board,) = report["boards"]
    assert board["conditional_on"] == "reaching the board"
    for name in ("article_percentile_among_ai", "article_percentile_among_games"):
        assert 0 <= board[name]["low"] <= board[name]["estimate"] <= board[name]["high"] <= 1
    games = board["games_that_drew_more_than_article"]
    among = board["article_percentile_among_games"]
    assert games["estimate"] == pytest.approx(1 - among["estimate"])
    heats = [e["peak_heat"] for e in board["events"] if e["provider_kind"] == "game"]
    assert games["estimate"] == pytest.approx(sum(h > 262_345 for h in heats) / len(heats))


def test_claims_one_and_two_are_answered_as_far_as_a_board_can(report: Any) -> None:
    one, two, *others = report["claims"]
    assert one["figure"] == "game_beats_article"
    assert one["value"]["low"] <= one["value"]["estimate"] <= one["value"]["high"]
    assert "claim_conditional" in {e["message"] for e in one["evidence"]}
    assert two["figure"] == "ai_trend"
    years = {y["year"]: y for y in report["boards"][0]["years"]}
    assert set(years) == set(range(2020, 2027))
    assert years[2021]["ai"] == 0 < years[2025]["ai"]
    assert all(c["answer"] == "can't tell" and c["value"] is None for c in others)


def test_outages_that_no_source_of_posts_covered_get_no_verdict(report: Any) -> None:
    judged = [o for o in report["outages"] if o["confirmed"]]
    assert judged
    assert {o["verdict"] for o in judged} == {"can't tell"}
    assert {o["reason"] for o in judged} == {"no_source"}
    article = next(o for o in judged if o["start"] == "2025-08-11T13:50:00Z")
    assert article["boards"][0]["best_rank"] == 23


def test_the_readme_says_what_the_report_says(report: Any) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (board,) = report["boards"]
    for name in ("games_that_drew_more_than_article", "article_percentile_among_ai"):
        value = board[name]
        shown = "{estimate:.0%} [{low:.0%}, {high:.0%}]".format(**value)
        assert shown in readme, shown
    article = board["article"]
    sentence = "in {snapshots} snapshots, at rank {best_rank} at best".format(**article)
    assert sentence in readme
    assert f"a peak heat of {article['peak_heat']:,}" in readme


def test_the_page_on_the_article_is_what_the_data_say(archive: str) -> None:
    """docs/did-anybody-care.md, as `make article` writes it."""
    with open_ready_store(archive) as store:
        assert article.PAGE.read_text(encoding="utf-8") == article.rendered(store)
