"""RSS and Atom as feedparser reads them, or a clear word of what came instead."""

import re
from typing import Any

import feedparser

from db.core.errors import SourceChanged

_SHOWN = 80
_REFERENCE = re.compile(rb"&#(?:[xX]([0-9a-fA-F]{1,12})|([0-9]{1,12}));?")
_LAST, _HALVES = 0x10FFFF, range(0xD800, 0xE000)


def document(body: bytes, what: str, *, sanitize: bool = False) -> Any:
    """A feed's document. Raises SourceChanged where `body` is none."""
    body = _REFERENCE.sub(_character, body)
    try:
        parsed = feedparser.parse(body, sanitize_html=sanitize, resolve_relative_uris=sanitize)
    except Exception as error:
        # It meets what it was not made for in many ways.
        why = f"{type(error).__name__}: {error}"[:_SHOWN]
        raise SourceChanged(f"{what}: RSS or Atom was due, not read: {why}") from None
    if not parsed.get("version"):
        start = body[:_SHOWN].decode("utf-8", "replace").strip()
        raise SourceChanged(f"{what}: RSS or Atom was due, {start!r} came")
    return parsed


def _character(reference: re.Match[bytes]) -> bytes:
    """A reference to a character; where it is to none that can be (feedparser would give up the
    whole document), one to the character that stands for what is lost."""
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    lost = code == 0 or code > _LAST or code in _HALVES
    return b"&#xFFFD;" if lost else reference[0]
