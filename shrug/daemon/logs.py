"""Logging as text or JSON, with secrets removed."""

import json
import logging
import sys
import traceback
from collections.abc import Collection
from datetime import UTC, datetime

LOG = logging.getLogger("shrug")
REDACTED = "***"
SHORTEST_SECRET = 4


class _RedactingFormatter(logging.Formatter):
    """Replaces secrets by REDACTED, in tracebacks as well."""

    def __init__(self, secrets: Collection[str], *, as_json: bool) -> None:
        super().__init__()
        self._secrets = sorted(
            (s for s in secrets if len(s) >= SHORTEST_SECRET), key=len, reverse=True
        )
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        text = record.getMessage()
        if record.exc_info and record.exc_info[1]:
            text += "\n" + "".join(traceback.format_exception(record.exc_info[1])).rstrip()
        for secret in self._secrets:
            text = text.replace(secret, REDACTED)
        if self._as_json:
            entry = {"at": at, "level": record.levelname, "logger": record.name, "message": text}
            return json.dumps(entry, ensure_ascii=False)
        return f"{at} {record.levelname} {text}"


def configure_logging(form: str, secrets: Collection[str]) -> None:
    """Log to stderr from now on, as `text` or `json`, without the secrets."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_RedactingFormatter(secrets, as_json=form == "json"))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in ("alembic", "apscheduler", "uvicorn", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.WARNING)
