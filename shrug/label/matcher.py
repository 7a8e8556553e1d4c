"""The matcher of the bundled catalog."""

from functools import cache

from analysis.text.mentions import Matcher, ProviderName
from db import catalog


@cache
def matcher() -> Matcher:
    """Return the matcher of this process, which is built once."""
    entries = catalog.providers().values()
    words = catalog.failure_words()
    return Matcher(
        (ProviderName(e.key, text, weak) for e in entries for text, weak in e.aliases),
        context=catalog.context_words(),
        contexts={e.key: e.context for e in entries},
        failure=words["failure"],
        filler=words["between"],
        switching=words["around"],
    )
