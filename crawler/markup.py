"""Plain text of HTML fragments, extracted by parsel (lxml)."""

import re

from parsel import Selector

_MAX_LENGTH = 200_000
# Text without markup, which a parser would return unchanged.
_PLAIN = re.compile(r"[^<&\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]*")
_VISIBLE_TEXT = "//*[not(self::script or self::style)]/text()"


def words(fragment: str | None) -> str:
    """Return the text of an HTML fragment; paragraphs and breaks become lines."""
    if not fragment:
        return ""
    if len(fragment) <= _MAX_LENGTH and _PLAIN.fullmatch(fragment):
        return _lines(fragment)
    fragment = fragment[:_MAX_LENGTH].replace("\0", "")
    for tag in ("<p>", "<br>", "<br/>", "<br />", "</p>"):
        fragment = fragment.replace(tag, f"\n{tag}")
    parts = Selector(f"<div>{fragment}</div>", type="html").xpath(_VISIBLE_TEXT).getall()
    return _lines("".join(parts))


def _lines(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)
