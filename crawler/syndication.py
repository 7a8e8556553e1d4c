"""RSS and Atom documents, read by feedparser."""

import re
from typing import Any

import feedparser

from db.core.errors import SourceChanged

_EXCERPT_LENGTH = 80
_REFERENCE = re.compile(rb"&#(?:[xX]([0-9a-fA-F]{1,12})|([0-9]{1,12}));?")
_LAST_CODE, _SURROGATES = 0x10FFFF, range(0xD800, 0xE000)


def parse_feed(body: bytes, what: str, *, sanitize: bool = False) -> Any:
    """Parse an RSS or Atom document. Raises SourceChanged if `body` is none."""
    body = _REFERENCE.sub(_character, body)
    try:
        parsed = feedparser.parse(body, sanitize_html=sanitize, resolve_relative_uris=sanitize)
    except Exception as error:
        # feedparser raises many kinds of errors on malformed input.
        why = f"{type(error).__name__}: {error}"[:_EXCERPT_LENGTH]
        raise SourceChanged(f"{what}: RSS or Atom was due, not read: {why}") from None
    if not parsed.get("version"):
        start = body[:_EXCERPT_LENGTH].decode("utf-8", "replace").strip()
        raise SourceChanged(f"{what}: RSS or Atom was due, {start!r} came")
    return parsed


def _character(reference: re.Match[bytes]) -> bytes:
    """The reference itself, or one to U+FFFD if it is invalid: feedparser would reject the feed."""
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    is_invalid = code == 0 or code > _LAST_CODE or code in _SURROGATES
    return b"&#xFFFD;" if is_invalid else reference[0]
