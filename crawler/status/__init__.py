"""Readers of status pages, one for each platform."""
