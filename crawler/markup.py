"""The words of an HTML fragment, as parsel (lxml) reads them."""

from parsel import Selector

_LONGEST = 200_000
_HIDDEN = "//script | //style"


def words(fragment: str | None) -> str:
    """Text of a fragment: paragraphs and breaks become lines, entities characters."""
    if not fragment:
        return ""
    fragment = fragment[:_LONGEST].replace("\0", "")
    for tag in ("<p>", "<br>", "<br/>", "<br />", "</p>"):
        fragment = fragment.replace(tag, f"\n{tag}")
    shown = Selector(f"<div>{fragment}</div>", type="html")
    shown.xpath(_HIDDEN).drop()
    lines = (" ".join(line.split()) for line in "".join(shown.root.itertext(None)).splitlines())
    return "\n".join(line for line in lines if line)
