"""A badge: a provider's name and what became of its outages."""

import unicodedata

from shrug.web.site import TEMPLATES

PAD = 6
# Widths of one character of Verdana at 11 pixels, about: wide ones are a full square.
WIDE, NARROW = 11.0, 6.6


def badge(left: str, right: str) -> str:
    """An SVG picture with two fields of text."""
    widths = [round(_width(text)) + 2 * PAD for text in (left, right)]
    return TEMPLATES.get_template("badge.svg.j2").render(
        left=left, right=right, a=widths[0], b=widths[1], pad=PAD
    )


def _width(text: str) -> float:
    return sum(WIDE if unicodedata.east_asian_width(c) in "WF" else NARROW for c in text)
