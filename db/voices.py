"""Who speaks for themselves: neither a text nor an author counts twice in one hour."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Voices:
    """The voices of one hour: posts whose text and whose author are both new in it.

    A flood of copies is one voice, and so is one account that posts without end. A post without
    an author is told apart by its text alone.
    """

    _texts: set[int] = field(default_factory=set)
    _authors: set[str] = field(default_factory=set)

    def new(self, fingerprint: int, author: str | None) -> bool:
        """Whether this post is a voice that was not heard yet; posts must come in their order."""
        if fingerprint in self._texts or author in self._authors:
            return False
        self._texts.add(fingerprint)
        if author is not None:
            self._authors.add(author)
        return True
