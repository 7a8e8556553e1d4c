"""The words of an HTML fragment, as parsel (lxml) reads them."""

from parsel import Selector

_LONGEST = 200_000
# Neither script nor style holds elements of its own.
_SHOWN = "//*[not(self::script or self::style)]/text()"


def words(fragment: str | None) -> str:
    """Text of a fragment: paragraphs and breaks become lines, entities characters."""
    if not fragment:
        return ""
    fragment = fragment[:_LONGEST].replace("\0", "")
    for tag in ("<p>", "<br>", "<br/>", "<br />", "</p>"):
        fragment = fragment.replace(tag, f"\n{tag}")
    parts = Selector(f"<div>{fragment}</div>", type="html").xpath(_SHOWN).getall()
    lines = (" ".join(line.split()) for line in "".join(parts).splitlines())
    return "\n".join(line for line in lines if line)
