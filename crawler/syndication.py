"""RSS and Atom as feedparser reads them, or a clear word of what came instead."""

from typing import Any

import feedparser

from db.errors import SourceChanged

_SHOWN = 80


def document(body: bytes, what: str, *, sanitize: bool = False) -> Any:
    """A feed's document. Raises SourceChanged where `body` is none."""
    parsed = feedparser.parse(body, sanitize_html=sanitize, resolve_relative_uris=sanitize)
    if not parsed.get("version"):
        start = body[:_SHOWN].decode("utf-8", "replace").strip()
        raise SourceChanged(f"{what}: RSS or Atom was due, {start!r} came")
    return parsed
