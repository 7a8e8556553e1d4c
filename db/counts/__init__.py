"""Hourly counts of posts, voices and languages, kept up as posts arrive."""
