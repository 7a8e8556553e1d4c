"""Crawls: their queries and schedule, and the storage of what they read."""
