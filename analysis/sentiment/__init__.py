"""Sentiment of posts, 0 (bad) to 1 (good), by language; None if no model can score a post."""
