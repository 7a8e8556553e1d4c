"""Errors that carry what the user must do; each ends as one line on the command line."""


class ShrugError(Exception):
    """Base of every error that a user can resolve."""


class BadInput(ShrugError):
    """A file, line or value from outside that cannot be used."""


class SourceChanged(ShrugError):
    """A source's response has a format that its parser does not know."""
