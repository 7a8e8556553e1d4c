"""Pseudonyms of authors, and erasure of posts."""
