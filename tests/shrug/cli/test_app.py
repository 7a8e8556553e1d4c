"""The command line: help, languages, exit codes, one line for what goes wrong."""

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from db.core.engine import Store
from db.core.errors import BadInput
from db.crawl import runs
from db.ops import deliveries
from shrug import __version__
from shrug.cli.app import app
from shrug.privacy.pseudonyms import present
from tests.conftest import Run

COMMANDS = [
    (),
    ("demo",),
    ("crawl",),
    ("import",),
    ("import", "posts"),
    ("import", "board"),
    ("outages",),
    ("outages", "sync"),
    ("outages", "import"),
    ("outages", "add"),
    ("outages", "list"),
    ("outages", "confirm"),
    ("outages", "suggest"),
    ("score",),
    ("sentiment",),
    ("sentiment", "train"),
    ("sentiment", "evaluate"),
    ("sentiment", "use"),
    ("sentiment", "list"),
    ("sentiment", "show"),
    ("measure",),
    ("report",),
    ("deliver",),
    ("export",),
    ("explain",),
    ("serve",),
    ("mcp",),
    ("doctor",),
    ("validate",),
    ("daemon",),
    ("config", "show"),
    ("config", "path"),
    ("retention",),
    ("forget",),
    ("backup",),
    ("restore",),
    ("verify",),
    ("rotate-key",),
    ("rematch",),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help(run: Run, command: tuple[str, ...]) -> None:
    code, out, _ = run(*command, "--help", database=False)
    assert code == 0
    assert "Usage" in out


@pytest.mark.parametrize(("lang", "word"), [("zh", "有人在乎吗"), ("en", "does anybody care")])
def test_help_speaks_the_readers_language(lang: str, word: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "shrug", "--help"],
        check=True,
        capture_output=True,
        text=True,
        env={"SHRUG_LANG": lang, "PATH": "", "COLUMNS": "200"},
    )
    assert word in done.stdout


def test_version(run: Run) -> None:
    assert run("--version", database=False)[1].strip() == f"shrug {__version__}"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("measure",), "shrug outages sync"),
        (("measure", "--provider", "nobody"), "no provider goes by 'nobody'"),
        (("measure", "--zone", "Mars/Olympus"), "no such time zone"),
        (("measure", "--from", "2026-02-30"), "--from: not a time"),
        (("measure", "--from", "2026-02-02", "--to", "2026-02-01"), "is not before"),
        (("report", "--week", "2026-W60"), "not an ISO week"),
        (("report", "--week", "2026-W10", "--from", "2026-01-01"), "exclude each other"),
        (("report", "--from", "2026-01-01"), "go together"),
        (("report", "--lang", "tlh"), "--lang: en or zh"),
        (("outages", "confirm", "7"), "no outage has the id 7"),
        (("outages", "add", "deepseek", "soon"), "START: not a time"),
        (("outages", "add", "deepseek", "2026-01-02", "2026-01-01"), "ends before it starts"),
        (("outages", "add", "deepseek", "2026-01-02", "--kind", "x"), "kind must be"),
        (("import", "posts", __file__, "--covered", "always"), "write FROM/TO"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_wrong_use_is_one_line_and_exit_code_2(
    run: Run, arguments: tuple[str, ...], words: str
) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert len(err.strip().splitlines()) == 1


def test_a_bad_setting_is_named(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SHRUG_KEY_FILE", "/proc/nothing/key")
    path = tmp_path / "posts.jsonl"
    post = {"source": "x", "id": "1", "created_at": "2026-08-01T00:00:00Z", "text": "DeepSeek"}
    path.write_text(json.dumps({**post, "author": "someone"}), encoding="utf-8")
    code, _, err = run("import", "posts", path)
    assert code == 2
    assert "the key for pseudonyms can't be made at /proc/nothing/key" in err
    assert len(err.strip().splitlines()) == 1


def test_the_ledger_goes_in_is_listed_and_is_confirmed(run: Run) -> None:
    assert "56 outages" in run("outages", "sync")[1]
    code, out, _ = run("outages", "list", "--provider", "深度求索", "--zone", "Asia/Shanghai")
    assert code == 0
    line = next(line for line in out.splitlines() if "2025-08-11" in line)
    assert "2025-08-11 21:50" in line
    assert "2025-08-11 23:39" in line
    assert run("outages", "confirm", line.split()[0])[0] == 0


def test_scores_are_made_once_and_again_when_asked(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    texts = [
        "DeepSeek崩了，气死我了",
        "DeepSeek is down and I hate it",
        "DeepSeek 😭",
        "no provider at all",
    ]
    path.write_text(
        "\n".join(
            json.dumps({"source": "s", "id": n, "created_at": "2026-01-01T00:00:00Z", "text": text})
            for n, text in enumerate(texts)
        )
    )
    run("import", "posts", path)
    # The last one names no provider, so nobody asks how it feels.
    assert "3 posts" in run("score")[1]
    assert "0 posts" in run("score")[1]
    assert "3 posts" in run("score", "--again")[1]


def test_the_key_behind_pseudonyms_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "key"
    key = present(path)
    assert len(key) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    short = tmp_path / "short"
    short.write_bytes(b"abc")
    with pytest.raises(BadInput, match="damaged"):
        present(short)


def test_validate_tells_what_is_kept(run: Run) -> None:
    code, out, _ = run("validate", "--outages", "60", "--json", database=False)
    found = json.loads(out)
    assert len(found["rows"]) == 14
    assert code == (0 if all(check["kept"] for check in found["checks"]) else 1)


def lines(out: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.splitlines()]


def test_every_command_can_say_it_as_json(full: Run, tmp_path: Path) -> None:
    row = {"source": "forum", "id": "j1", "created_at": "2026-04-15T08:00Z", "text": "Kimi is down"}
    posts = tmp_path / "in.jsonl"
    posts.write_text(json.dumps(row))
    (synced,) = lines(full("outages", "sync", "--json")[1])
    assert synced["said"] == "synced"
    (imported,) = lines(full("import", "posts", posts, "--json")[1])
    assert (imported["said"], imported["new"], imported["bad"]) == ("imported", 1, 0)
    (added,) = lines(full("outages", "add", "kimi", "2026-04-15T08:00Z", "--json")[1])
    assert added["start"] == "2026-04-15T08:00:00+00:00"
    assert [line["said"] for line in lines(full("score", "--json")[1])] == ["scored", "read"]
    (known,) = json.loads(full("outages", "list", "--provider", "kimi", "--json")[1])
    assert (known["provider"], known["end"]) == ("kimi", None)
    scorers = lines(full("sentiment", "list", "--json")[1])
    assert {"vader", "snownlp"} <= {str(line["scorer"]) for line in scorers}
    written = lines(full("report", "--week", "2026-W16", "--out", tmp_path / "r", "--json")[1])
    assert [Path(str(line["path"])).exists() for line in written] == [True] * len(written)
    # What one command was asked for does not stay for the next one.
    assert full("outages", "sync")[1].startswith("56 outages")


REGISTERED = [c for c in app.registered_commands if c.name not in {"serve", "mcp"}]


@pytest.mark.parametrize("command", REGISTERED, ids=lambda c: c.name or c.callback.__name__)
def test_json_is_an_option_of_every_command(run: Run, command: Any) -> None:
    name = command.name or command.callback.__name__
    assert "--json" in run(name, "--help", database=False)[1]


def test_what_is_piped_is_one_line_a_row(full: Run, url: str) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "COLUMNS"}
    done = subprocess.run(
        [sys.executable, "-m", "shrug", "measure", "--from", "2026-04-13", "--to", "2026-04-20",
         "--database", url],
        capture_output=True, text=True, env=environment,
    )  # fmt: skip
    rows = [line for line in done.stdout.splitlines() if line.startswith("DeepSeek")]
    assert len(rows) == 2
    assert all("2026-04-1" in row for row in rows)
    # No progress and no colours where nobody looks.
    assert done.stderr == ""
    assert "\x1b" not in done.stdout


ASKED = {
    "bash": {"COMP_WORDS": "shrug ex", "COMP_CWORD": "1"},
    "zsh": {"_TYPER_COMPLETE_ARGS": "shrug ex"},
    "fish": {"_TYPER_COMPLETE_ARGS": "shrug ex", "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
}


@pytest.mark.parametrize("shell", ASKED)
def test_shells_complete_commands(shell: str) -> None:
    """As the shell itself asks, by the installed command."""
    command = [str(Path(sys.executable).with_name("shrug"))]
    asked = {"_SHRUG_COMPLETE": f"complete_{shell}", **ASKED[shell]}
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **asked})
    assert "explain" in done.stdout
    assert "export" in done.stdout
    assert "crawl" not in done.stdout
    source = {"_SHRUG_COMPLETE": f"source_{shell}"}
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **source})
    assert "_SHRUG_COMPLETE" in done.stdout


class TestDoctor:
    """What is wrong, and what to do about it."""

    def looked(self, run: Run) -> dict[str, dict[str, Any]]:
        return {c["what"]: c for c in json.loads(run("doctor", "--json")[1])["checks"]}

    def test_all_is_well_on_a_sound_store(self, full: Run, tmp_path: Path) -> None:
        assert full("doctor")[0] == 0
        found = self.looked(full)
        assert {c["state"] for c in found.values()} == {"well"}
        names = ["store", "migrations", "ledger", "key", "clock", "disk", "model", "delivery"]
        assert list(found) == names

    def test_a_key_that_others_read_is_told(self, full: Run, tmp_path: Path) -> None:
        full("doctor")
        (tmp_path / "pseudonym.key").chmod(0o644)
        code, out, _ = full("doctor")
        assert code == 1
        assert "chmod 600" in out
        assert self.looked(full)["key"]["state"] == "open_key"

    def test_what_is_safe_is_mended_when_asked(self, run: Run, tmp_path: Path) -> None:
        assert self.looked(run)["ledger"]["state"] == "no_outage"
        key = tmp_path / "pseudonym.key"
        key.chmod(0o644)
        assert run("doctor")[0] == 1
        assert run("doctor", "--fix")[0] == 0
        assert key.stat().st_mode & 0o077 == 0
        assert {c["state"] for c in self.looked(run).values()} == {"well"}

    def test_no_ledger_and_posts_to_be_scored_are_told(self, run: Run, tmp_path: Path) -> None:
        assert self.looked(run)["ledger"]["state"] == "no_outage"
        path = tmp_path / "in.jsonl"
        row = {"source": "f", "id": "1", "created_at": "2026-04-15T08:00Z", "text": "Kimi is down"}
        path.write_text(json.dumps(row))
        run("import", "posts", path)
        model = self.looked(run)["model"]
        assert model["state"] == "unscored"
        assert "shrug score" in model["advice"]

    def test_a_clock_that_went_back_is_told(self, full: Run, store: Store) -> None:
        with store.writing() as connection:
            runs.begin(connection, "forum", "x", datetime.now(UTC) + timedelta(days=2))
        assert self.looked(full)["clock"]["state"] == "clock_back"

    def test_a_report_that_did_not_arrive_is_told(self, full: Run, store: Store) -> None:
        start = datetime(2026, 4, 13, tzinfo=UTC)
        with store.writing() as connection:
            for name, why in (("desk", "JSON: failure"), ("other", None)):
                end = start + timedelta(weeks=1)
                id_ = deliveries.claim(connection, name, start, end, end)
                deliveries.end(connection, id_, why)
        found = self.looked(full)["delivery"]
        assert (found["state"], found["values"]) == ("undelivered", {"names": "desk"})

    @pytest.mark.sqlite_only
    def test_a_full_disk_is_told(
        self, full: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        usage = shutil.disk_usage(tmp_path)._replace(free=10**6)
        monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
        disk = self.looked(full)["disk"]
        assert disk["state"] == "disk_full"
        assert "1 MB are free" in disk["advice"]

    @pytest.mark.sqlite_only
    def test_damage_is_told(self, full: Run, url: str) -> None:
        file = Path(url.removeprefix("sqlite:///"))
        body = bytearray(file.read_bytes())
        middle = len(body) // 2 // 4096 * 4096
        body[middle : middle + 4096 * 8] = b"\xff" * 4096 * 8
        file.write_bytes(bytes(body))
        code, out, err = full("doctor")
        assert code != 0
        assert "amaged" in out + err
