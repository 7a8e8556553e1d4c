"""Hourly counts of posts, voices and languages, updated as posts arrive."""
