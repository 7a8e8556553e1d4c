"""Errors that carry what the user must do; each ends as one line on the command line."""


class ShrugError(Exception):
    """Base of every error that a user can mend."""


class BadInput(ShrugError):
    """A file, line or value from outside that cannot be used."""


class SourceChanged(ShrugError):
    """A source answered in a form that its reader does not know."""
