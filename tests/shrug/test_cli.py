"""The command line: help, languages, exit codes, one line for what goes wrong."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from db.errors import BadInput
from shrug import __version__
from shrug.settings import pseudonym_key
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
    ("validate",),
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
    key = pseudonym_key(path)
    assert len(key) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    short = tmp_path / "short"
    short.write_bytes(b"abc")
    with pytest.raises(BadInput, match="damaged"):
        pseudonym_key(short)


def test_validate_tells_what_is_kept(run: Run) -> None:
    code, out, _ = run("validate", "--outages", "60", "--json", database=False)
    found = json.loads(out)
    assert len(found["rows"]) == 14
    assert code == (0 if all(check["kept"] for check in found["checks"]) else 1)
