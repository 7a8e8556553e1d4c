"""The command line: help, languages, exit codes, one line for what goes wrong."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from shrug import __version__
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


COMPLETION_VARIABLES = {
    "bash": {"COMP_WORDS": "shrug ex", "COMP_CWORD": "1"},
    "zsh": {"_TYPER_COMPLETE_ARGS": "shrug ex"},
    "fish": {"_TYPER_COMPLETE_ARGS": "shrug ex", "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
}


@pytest.mark.parametrize("shell", COMPLETION_VARIABLES)
def test_shells_complete_commands(shell: str) -> None:
    """As the shell itself asks, by the installed command."""
    command = [str(Path(sys.executable).with_name("shrug"))]
    completion = {"_SHRUG_COMPLETE": f"complete_{shell}", **COMPLETION_VARIABLES[shell]}
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **completion})
    assert "explain" in done.stdout
    assert "export" in done.stdout
    assert "crawl" not in done.stdout
    source = {"_SHRUG_COMPLETE": f"source_{shell}"}
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **source})
    assert "_SHRUG_COMPLETE" in done.stdout
