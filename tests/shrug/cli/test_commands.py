"""`--json` of every command."""

import json
from pathlib import Path
from typing import Any

import pytest

from shrug.cli.app import app
from tests.conftest import Run


def json_lines(out: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.splitlines()]


def test_commands_print_their_results_as_json(full: Run, tmp_path: Path) -> None:
    row = {"source": "forum", "id": "j1", "created_at": "2026-04-15T08:00Z", "text": "Kimi is down"}
    posts = tmp_path / "in.jsonl"
    posts.write_text(json.dumps(row))
    (synced,) = json_lines(full("outages", "sync", "--json")[1])
    assert synced["said"] == "synced"
    (imported,) = json_lines(full("import", "posts", posts, "--json")[1])
    assert (imported["said"], imported["new"], imported["bad"]) == ("imported", 1, 0)
    (added,) = json_lines(full("outages", "add", "kimi", "2026-04-15T08:00Z", "--json")[1])
    assert added["start"] == "2026-04-15T08:00:00+00:00"
    assert [line["said"] for line in json_lines(full("score", "--json")[1])] == ["scored", "read"]
    (known,) = json.loads(full("outages", "list", "--provider", "kimi", "--json")[1])
    assert (known["provider"], known["end"]) == ("kimi", None)
    scorers = json_lines(full("sentiment", "list", "--json")[1])
    assert {"vader", "snownlp"} <= {str(line["scorer"]) for line in scorers}
    written = json_lines(full("report", "--week", "2026-W16", "--out", tmp_path / "r", "--json")[1])
    assert [Path(str(line["path"])).exists() for line in written] == [True] * len(written)
    # The choice of JSON does not carry over to the next command.
    assert full("outages", "sync")[1].startswith("56 outages")


REGISTERED = [c for c in app.registered_commands if c.name not in {"serve", "mcp"}]


@pytest.mark.parametrize("command", REGISTERED, ids=lambda c: c.name or c.callback.__name__)
def test_json_is_an_option_of_every_command(run: Run, command: Any) -> None:
    name = command.name or command.callback.__name__
    assert "--json" in run(name, "--help", database=False)[1]
