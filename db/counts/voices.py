"""Who speaks for themselves: neither a text nor an author counts twice in one hour."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Voices:
    """The voices of one hour: posts whose text and whose author are both new in it.

    A flood of copies is one voice, and so is one account that posts without end. A post without
    an author is told apart by its text alone. Each text and author goes with whether a voice was
    heard by it: what is no voice keeps nobody else from being one.
    """

    texts: dict[int, bool] = field(default_factory=dict)
    authors: dict[str, bool] = field(default_factory=dict)

    def new(self, fingerprint: int, author: str | None) -> bool:
        """Whether this post is a voice that was not heard yet; posts must come in their order."""
        new = not (self.texts.get(fingerprint) or (author is not None and self.authors.get(author)))
        self.texts[fingerprint] = new or self.texts.get(fingerprint, False)
        if author is not None:
            self.authors[author] = new or self.authors.get(author, False)
        return new
