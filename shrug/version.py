"""The version of shrug, as releases and reports state it."""

__version__ = "0.1.0"
