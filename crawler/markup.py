"""The words of an HTML fragment, as parsel (lxml) reads them."""

import re

from parsel import Selector

_LONGEST = 200_000
# What is no markup: a parser gives it back as it is.
_PLAIN = re.compile(r"[^<&\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]*")
# Neither script nor style holds elements of its own.
_SHOWN = "//*[not(self::script or self::style)]/text()"


def words(fragment: str | None) -> str:
    """Text of a fragment: paragraphs and breaks become lines, entities characters."""
    if not fragment:
        return ""
    if len(fragment) <= _LONGEST and _PLAIN.fullmatch(fragment):
        return _lines(fragment)
    fragment = fragment[:_LONGEST].replace("\0", "")
    for tag in ("<p>", "<br>", "<br/>", "<br />", "</p>"):
        fragment = fragment.replace(tag, f"\n{tag}")
    parts = Selector(f"<div>{fragment}</div>", type="html").xpath(_SHOWN).getall()
    return _lines("".join(parts))


def _lines(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)
