"""The SVG badge of a provider: its name and its verdicts."""

import unicodedata

from shrug.web.site import TEMPLATES

PAD = 6
# About the width of a character of Verdana at 11 pixels; wide ones are a full square.
WIDE, NARROW = 11.0, 6.6


def badge(label: str, value: str) -> str:
    """Return an SVG picture with two fields of text."""
    widths = [round(_width(text)) + 2 * PAD for text in (label, value)]
    return TEMPLATES.get_template("badge.svg.j2").render(
        label=label, value=value, a=widths[0], b=widths[1], pad=PAD
    )


def _width(text: str) -> float:
    return sum(WIDE if unicodedata.east_asian_width(c) in "WF" else NARROW for c in text)
