"""Voices: posts of an hour without repeated texts and authors."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Voices:
    """The voices of one hour: posts whose text and whose author are both new in it.

    A flood of copies is one voice, and so is one account that posts without end. A post without
    an author is judged by its text alone. `texts` and `authors` map to whether a voice had it: a
    post that is not a voice does not keep others from being one.
    """

    texts: dict[int, bool] = field(default_factory=dict)
    authors: dict[str, bool] = field(default_factory=dict)

    def add(self, fingerprint: int, author: str | None) -> bool:
        """Add a post, in the order of time; return whether it is a new voice."""
        new = not (self.texts.get(fingerprint) or (author is not None and self.authors.get(author)))
        self.texts[fingerprint] = new or self.texts.get(fingerprint, False)
        if author is not None:
            self.authors[author] = new or self.authors.get(author, False)
        return new
