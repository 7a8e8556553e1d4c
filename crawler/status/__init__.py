"""The forms in which providers tell of their outages, one small reader a platform."""
