"""Logs contain no secret."""

import json
import logging
from datetime import datetime

import pytest

from shrug.daemon.logs import configure_logging


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secret_reaches_a_log(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = logging.getLogger().handlers, logging.getLogger().level
    try:
        configure_logging(form, ["hush-hush", ""])
        try:
            raise ValueError("hush-hush in a traceback")
        except ValueError:
            logging.getLogger("x").exception("asked https://a?key=hush-hush")
    finally:
        logging.getLogger().handlers, logging.getLogger().level = before
    said = capsys.readouterr().err
    assert "hush-hush" not in said
    assert said.count("***") >= 2
    if form == "json":
        entry = json.loads(said)
        assert entry["level"] == "ERROR"
        assert datetime.fromisoformat(entry["at"]).tzinfo
