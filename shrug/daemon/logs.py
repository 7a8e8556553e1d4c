"""Logs as text or JSON, in which no secret stands."""

import json
import logging
import sys
import traceback
from collections.abc import Collection
from datetime import UTC, datetime

LOG = logging.getLogger("shrug")
HIDDEN = "***"
LEAST_SECRET = 4


class _Hiding(logging.Formatter):
    """Puts HIDDEN where a secret stood, tracebacks included."""

    def __init__(self, secrets: Collection[str], *, as_json: bool) -> None:
        super().__init__()
        self._secrets = sorted(
            (s for s in secrets if len(s) >= LEAST_SECRET), key=len, reverse=True
        )
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        text = record.getMessage()
        if record.exc_info and record.exc_info[1]:
            text += "\n" + "".join(traceback.format_exception(record.exc_info[1])).rstrip()
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        if self._as_json:
            told = {"at": at, "level": record.levelname, "logger": record.name, "message": text}
            return json.dumps(told, ensure_ascii=False)
        return f"{at} {record.levelname} {text}"


def begin(form: str, secrets: Collection[str]) -> None:
    """Log to standard error from now on, as `text` or `json`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Hiding(secrets, as_json=form == "json"))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in ("alembic", "apscheduler", "uvicorn", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.WARNING)
