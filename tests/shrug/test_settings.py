"""Settings: where each value comes from, and what is wrong with a bad one."""

import json
from pathlib import Path

import pytest

from db.core.errors import BadInput
from shrug import settings
from tests.conftest import Run
from tests.shrug.config_files import configure

HIDDEN_VALUE = "hush-in-file"


def test_each_value_names_its_origin(
    config: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(config, job_minutes=7, github_token=HIDDEN_VALUE)
    monkeypatch.setenv("SHRUG_JOB_MINUTES", "9")
    out = run("config", "show", "--json", database=False)[1]
    values = {row["setting"]: row for row in map(json.loads, out.splitlines())}
    assert values["job_minutes"] == {
        "setting": "job_minutes",
        "value": "9",
        "from": "environment",
    }
    assert values["crawl_minutes"]["from"] == str(config)
    assert values["keep_answers"]["from"] == "default"
    assert values["github_token"]["value"] == "***"
    assert HIDDEN_VALUE not in out


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("job_minutes = 'secret'", "job_minutes"),
        ("job_minutes = 0", "job_minutes"),
        ("colour = 'secret'", "no setting is called 'colour'"),
        ("alert = 'secret", "not TOML"),
    ],
)
def test_an_error_names_the_file_but_no_value(config: Path, run: Run, text: str, why: str) -> None:
    config.write_text(text)
    code, out, err = run("config", "show", database=False)
    assert code == 2
    assert str(config) in err
    assert why in err
    assert "secret" not in out + err


def test_a_file_with_a_secret_must_not_be_readable_by_others(config: Path) -> None:
    configure(config, alert="json://secret")
    config.chmod(0o644)
    with pytest.raises(BadInput, match="chmod 600"):
        settings.read_settings()
