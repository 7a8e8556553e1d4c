"""Does anybody care when an AI provider goes down? Measured, with the doubt shown."""

__version__ = "0.1.0"
